"""The form of a draft: its text and its variant rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.contrib.auth.models import User
from msgspec import Struct
from msgspec.structs import replace

from uploads.conf import upload_settings
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import keep_variants
from uploads.drafts import lists
from uploads.drafts.field_merge import (
    UNKNOWN,
    Field,
    Known,
    Offer,
    Values,
    bounded,
    is_typed,
    merge_field,
    merge_fields,
    merge_saved,
)
from uploads.drafts.idempotency import record, recorded_revision
from uploads.drafts.lifecycle import changing
from uploads.models import Draft

LABEL = "variant:"
"""Prefix of a variant row's temporary id in the name of the field that holds its label."""
SAVED = "@"
"""Prefix of a user's id in the author of a value saved by that user."""
OPS_KEPT = 8
KNOWN_KEPT = 8
AUTHORS_KEPT = 50
MAX_FIELDS = 500
"""Maximum number of fields of a form, including the labels of its variant rows."""


class FormState(Struct):
    """The fields of a draft, the responses to the latest edits of each author, and the target's saved values."""

    fields: dict[str, Field] = {}
    ops: dict[str, dict[str, int]] = {}
    known: dict[str, list[Known]] = {}
    """The target's saved values that this draft has learned, newest last, including the labels of variant rows."""


def form_state(draft: Draft) -> FormState:
    """Return the fields of `draft`; text written by a server of the previous version has an unknown author."""
    state = msgspec.json.decode(draft.form, type=FormState)
    labels = {LABEL + row["temp_id"]: [row["label"]] for row in draft.variants}
    known_labels = {name: values for name, values in labels.items() if name in state.fields}
    for name, values in {**noted(draft), **known_labels}.items():
        field = state.fields.get(name)
        if field is None or field.values != tuple(values):
            state.fields[name] = merge_field(0, Offer(tuple(values), UNKNOWN), field, draft.revision)
    return state


def with_labels(draft: Draft) -> dict[str, Field]:
    """Return all fields of `draft`, including the labels of variant rows that nobody has edited as text."""
    labels = {LABEL + row["temp_id"]: row["label"] for row in draft.variants}
    known = {name: Field((label,), draft.variants_revision, UNKNOWN) for name, label in labels.items()}
    return {**known, **form_state(draft).fields}


def edit(draft_id: UUID, user: User, op: str, author: str, typed: Mapping[str, tuple[int, Values]]) -> int:
    """Save the values of some fields, each with the revision it was based on; return the draft's revision.

    `author` identifies the page. Repeating `op` does nothing. Raises `Refusal` (``text_too_large`` and those of a draft
    that is not live).
    """
    with changing(draft_id, user) as draft:
        state = form_state(draft)
        ops = state.ops.pop(author, {})
        if (answer := ops.get(op)) is not None:
            return answer
        state.fields = merge_fields(state.fields, typed, author, draft.revision)
        state.ops[author] = dict([*ops.items(), (op, draft.revision)][-OPS_KEPT:])
        state.ops = dict(list(state.ops.items())[-AUTHORS_KEPT:])
        _write_labels(draft, {name: values for name, (_, values) in typed.items()})
        _write(draft, state)
        return draft.revision


def learn(draft: Draft, saved: Mapping[str, Values], user: User | None = None) -> FormState:
    """Record in a locked draft what its target holds now, as saved by `user`; return the fields after that.

    The first call records what the draft starts from, which is not a change.
    """
    state = form_state(draft)
    by = Offer((), f"{SAVED}{user.pk}" if user else SAVED, display_name(user) if user else "")
    changed: dict[str, Values] = {}
    for name, values in saved.items():
        known = state.known.setdefault(name, [Known(values, draft.revision)])
        if (before := known[-1].values) == values:
            continue
        offer = Offer(values, by.author, by.name)
        state.fields[name] = merged = merge_saved(before, offer, state.fields.get(name), draft.revision)
        state.known[name] = [known[0], *known[1:][-KNOWN_KEPT:], Known(values, draft.revision, by.name)]
        changed[name] = merged.values
    _write_labels(draft, changed)
    _write(draft, state)
    return state


def opened_with(draft: Draft) -> dict[str, list[str]]:
    """Return the target's text as `draft` first learned it."""
    first = {name: known[0] for name, known in form_state(draft).known.items()}
    opened = min((known.revision for known in first.values()), default=0)
    return {name: list(known.values) for name, known in first.items() if known.revision == opened}


def display_name(user: User) -> str:
    """Return the name by which colleagues see the user."""
    return user.get_full_name() or user.get_username()


def note(draft_id: UUID, user: User, fields: Mapping[str, Sequence[str]]) -> int:
    """Save the text of the whole form from a page of the previous version; changed fields get base revision 0.

    Raises `Refusal` (``text_too_large`` and those of a draft that is not live).
    """
    typed = {name: (0, tuple(values)) for name, values in fields.items()}
    with changing(draft_id, user) as draft:
        state = form_state(draft)
        state.fields = merge_fields(state.fields, typed, UNKNOWN, draft.revision)
        _write(draft, state)
        return draft.revision


def noted(draft: Draft) -> dict[str, list[str]]:
    """Return the latest text by field, skipping values of older versions that are not lists of strings."""
    try:
        fields: dict[str, object] = json.loads(draft.fields)
    except RecursionError:
        # A thousand nested objects, which an older version accepted.
        return {}
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in fields.items()
        if isinstance(values, list)
    }


def _write(draft: Draft, state: FormState) -> None:
    """Write the fields of a locked draft. Raises `Refusal` (``text_too_large``)."""
    limit = upload_settings().limits.max_text_bytes
    typed = {name: field for name, field in state.fields.items() if not field.author.startswith(SAVED)}
    if len(typed) > MAX_FIELDS:
        raise Refusal(Code.TEXT_TOO_LARGE)
    # Do not count what a colleague saved: one long text would lock everybody else out of their drafts.
    if len(_json({name: field.values for name, field in typed.items()}).encode()) > limit:
        raise Refusal(Code.TEXT_TOO_LARGE)
    draft.fields = _json({name: field.values for name, field in typed.items() if not name.startswith(LABEL)})
    # Twice the limit: a whole form from the second tab, and the overhead of its offers.
    state.fields = bounded(state.fields, 2 * limit)
    draft.form = msgspec.json.encode(state).decode()
    draft.save(update_fields=["fields", "form"])


def _json(values: Mapping[str, Values]) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def _write_labels(draft: Draft, typed: Mapping[str, Values]) -> None:
    """Copy typed labels to the variant rows; a label whose row does not exist yet stays a field until it does."""
    labels = {
        name.removeprefix(LABEL): values[-1] for name, values in typed.items() if name.startswith(LABEL) and values
    }
    changed = [row for row in draft.variants if labels.get(row["temp_id"], row["label"]) != row["label"]]
    if not changed:
        return
    for row in changed:
        row["label"] = labels[row["temp_id"]]
    draft.variants_revision = draft.revision
    draft.save(update_fields=["variants", "variants_revision"])


def has_text(draft: Draft) -> bool:
    """Whether anybody typed something into a field or a variant's name."""
    rows = draft.variants if has_changed_rows(draft) else []
    return has_changed_fields(draft) or any(row["label"].strip() for row in rows)


def has_changed_fields(draft: Draft) -> bool:
    """Whether any field has text, current or on offer; for an edited product, text that is not saved."""
    state = form_state(draft)
    fields = {name: field for name, field in state.fields.items() if not name.startswith(LABEL)}
    return any(is_typed(field, state.known.get(name, ()), SAVED) for name, field in fields.items())


def has_changed_rows(draft: Draft) -> bool:
    """Whether the variant rows were changed; for an edited product, compared with its own."""
    known = form_state(draft).known
    if not draft.target_id or not known:
        return draft.variants_revision > 1 or bool(draft.variants and not draft.target_id)
    rows: dict[str, Values] = {LABEL + row["temp_id"]: (row["label"],) for row in draft.variants}
    if list(rows) != [name for name in opened_with(draft) if name.startswith(LABEL)]:
        return True
    return any(known[name][-1].values != label for name, label in rows.items())


def take_over(old: Draft, to: Draft) -> None:
    """Copy the fields of the ended draft `old`, with their offers, to the locked draft `to`.

    Revisions restart at that of `to`. A draft of an edited product also learns what `old` was based on, so that `learn`
    merges the target's current values as it would any newer ones. A new product needs neither.
    """
    state, is_edit = form_state(old), bool(to.target_id)
    fields = {
        name: replace(field, revision=to.revision)
        for name, field in state.fields.items()
        if is_edit or not field.author.startswith(SAVED)
    }
    known = {name: [replace(values[-1], revision=to.revision)] for name, values in state.known.items()}
    _write(to, FormState(fields=fields, known=known if is_edit else {}))


def set_variants(draft_id: UUID, user: User, op: str, revision: int, rows: Sequence[tuple[str, str]]) -> int:
    """Replace the variant rows; images of removed rows move to the end of the main list.

    Raises `Refusal` (``too_many_variants``, or ``stale`` if the rows changed after `revision`) and then leaves the
    draft unchanged. Other changes do not make it stale, because the revision also increases while images are being
    stored.
    """
    temp_ids = [temp_id for temp_id, _ in rows]
    if len(rows) > upload_settings().limits.max_variants:
        raise Refusal(Code.TOO_MANY_VARIANTS)
    if len(set(temp_ids)) != len(temp_ids):
        raise Refusal(Code.BAD_MESSAGE, "The variant rows are not distinct.")
    with changing(draft_id, user) as draft:
        if (answer := recorded_revision(draft, op)) is not None:
            return answer
        if not draft.variants_revision <= revision < draft.revision:
            raise Refusal(Code.STALE)
        labels = _merge_labels(draft, revision, rows)
        draft.variants = [{"temp_id": temp_id, "label": labels.get(temp_id, label)} for temp_id, label in rows]
        draft.variants_revision = draft.revision
        draft.save(update_fields=["variants", "variants_revision"])
        lists.write(draft, keep_variants(lists.read(draft), temp_ids))
        return record(draft, op)


def _merge_labels(draft: Draft, revision: int, rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Record changed labels as typed text, because a page of the previous version sends them with its rows.

    Return the labels known as text: one typed before its row existed wins over the one sent with the row.
    """
    known = {row["temp_id"]: row["label"] for row in draft.variants}
    typed = {LABEL + temp_id: (revision, (label,)) for temp_id, label in rows if known.get(temp_id, label) != label}
    state = form_state(draft)
    gone = {LABEL + temp_id for temp_id in known.keys() - dict(rows).keys()} & state.fields.keys()
    if typed or gone:
        fields = merge_fields(state.fields, typed, UNKNOWN, draft.revision)
        state.fields = {name: field for name, field in fields.items() if name not in gone}
        _write(draft, state)
    labels = {name: field.values for name, field in state.fields.items() if name.startswith(LABEL)}
    return {name.removeprefix(LABEL): values[-1] for name, values in labels.items() if values}
