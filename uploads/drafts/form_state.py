"""What the form of a draft holds: its text and its variant rows."""

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
from uploads.drafts.idempotency import answered, remember
from uploads.drafts.lifecycle import changing
from uploads.models import Draft

LABEL = "variant:"
"""Before the temporary id of a variant row: the field that is its label."""
SAVED = "@"
"""Before the id of a user: the author of what a colleague saved."""
OPS_KEPT = 8
KNOWN_KEPT = 8
AUTHORS_KEPT = 50
REMOVED_KEPT = 100
MAX_FIELDS = 500
"""Fields of a form, with the labels of its variant rows."""


class RemovedRow(Struct, frozen=True):
    """A variant row that a colleague removed from the target and saved: who, the draft's revision then, its label."""

    name: str
    revision: int
    label: Values


class FormState(Struct):
    """The fields of a draft, the answers to the last edits of each author, and what it knows of its target."""

    fields: dict[str, Field] = {}
    ops: dict[str, dict[str, int]] = {}
    known: dict[str, list[Known]] = {}
    """The saved values of the target that this draft was told of, the newest last; with its variant rows' labels."""
    removed: dict[str, RemovedRow] = {}
    """By temporary id: rows that colleagues removed, also those that stay here because they were edited."""


def form_state(draft: Draft) -> FormState:
    """The fields of `draft`; what a server of the version before wrote meanwhile was typed by somebody unknown."""
    state = msgspec.json.decode(draft.form, type=FormState)
    labels = {LABEL + row["temp_id"]: [row["label"]] for row in draft.variants}
    known_labels = {name: values for name, values in labels.items() if name in state.fields}
    for name, values in {**noted(draft), **known_labels}.items():
        field = state.fields.get(name)
        if field is None or field.values != tuple(values):
            state.fields[name] = merge_field(0, Offer(tuple(values), UNKNOWN), field, draft.revision)
    return state


def with_labels(draft: Draft) -> dict[str, Field]:
    """All fields of `draft`, also the labels of variant rows that nobody edited as text."""
    labels = {LABEL + row["temp_id"]: row["label"] for row in draft.variants}
    known = {name: Field((label,), draft.variants_revision, UNKNOWN) for name, label in labels.items()}
    return {**known, **form_state(draft).fields}


def kept_rows(draft: Draft) -> dict[str, str]:
    """The rows that stay although a colleague removed them, by temporary id: who that was."""
    rows = {row["temp_id"] for row in draft.variants}
    return {temp_id: row.name for temp_id, row in form_state(draft).removed.items() if temp_id in rows}


def edit(draft_id: UUID, user: User, op: str, author: str, typed: Mapping[str, tuple[int, Values]]) -> int:
    """Keep what was typed into some fields, each with the revision it was based on; return the draft's revision.

    `author` is the page it was typed in. Repeating `op` does nothing. Raises `Refusal` (``text_too_large`` and those of
    a draft that is not live).
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
        write(draft, state)
        return draft.revision


def learn(
    draft: Draft, saved: Mapping[str, Values], user: User | None = None, began: Mapping[str, Values] | None = None
) -> FormState:
    """Tell a locked draft what its target holds now, as `user` saved it; return its fields after that.

    The first time it is what the draft begins with, and no news, unless `began` says what was saved until then.
    """
    state = form_state(draft)
    by = Offer((), f"{SAVED}{user.pk}" if user else SAVED, display_name(user) if user else "")
    changed: dict[str, Values] = {}
    for name, values in saved.items():
        first = (began or {}).get(name, values)
        known = state.known.setdefault(name, [Known(first, draft.revision)])
        if (before := known[-1].values) == values:
            continue
        offer = Offer(values, by.author, by.name)
        state.fields[name] = merged = merge_saved(before, offer, state.fields.get(name), draft.revision)
        state.known[name] = [known[0], *known[1:][-KNOWN_KEPT:], Known(values, draft.revision, by.name)]
        changed[name] = merged.values
    _write_labels(draft, changed)
    write(draft, state)
    return state


def opened_with(draft: Draft) -> dict[str, list[str]]:
    """The text of its target when `draft` was told of it first."""
    first = {name: known[0] for name, known in form_state(draft).known.items()}
    opened = min((known.revision for known in first.values()), default=0)
    return {name: list(known.values) for name, known in first.items() if known.revision == opened}


def display_name(user: User) -> str:
    """What colleagues call the user."""
    return user.get_full_name() or user.get_username()


def note(draft_id: UUID, user: User, fields: Mapping[str, Sequence[str]]) -> int:
    """Keep the whole form's text, from a page of the version before: what differs was typed there, knowing nothing.

    Raises `Refusal` (``text_too_large`` and those of a draft that is not live).
    """
    typed = {name: (0, tuple(values)) for name, values in fields.items()}
    with changing(draft_id, user) as draft:
        state = form_state(draft)
        state.fields = merge_fields(state.fields, typed, UNKNOWN, draft.revision)
        write(draft, state)
        return draft.revision


def noted(draft: Draft) -> dict[str, list[str]]:
    """What was typed last, by field; what an older version kept that is not a list of texts per field is left out."""
    try:
        fields: dict[str, object] = json.loads(draft.fields)
    except RecursionError:
        # A thousand objects in each other: that version took them.
        return {}
    return {
        name: [value for value in values if isinstance(value, str)]
        for name, values in fields.items()
        if isinstance(values, list)
    }


def write(draft: Draft, state: FormState) -> None:
    """Write the fields of a locked draft. Raises `Refusal` (``text_too_large``)."""
    limit = upload_settings().limits.max_text_bytes
    typed = {name: field for name, field in state.fields.items() if not field.author.startswith(SAVED)}
    if len(typed) > MAX_FIELDS:
        raise Refusal(Code.TEXT_TOO_LARGE)
    # Not what a colleague saved: a long text of theirs would shut everybody else out of their drafts.
    if len(_json({name: field.values for name, field in typed.items()}).encode()) > limit:
        raise Refusal(Code.TEXT_TOO_LARGE)
    draft.fields = _json({name: field.values for name, field in typed.items() if not name.startswith(LABEL)})
    # Twice: a whole form of the second tab, and what its offers take beside their text.
    state.fields = bounded(state.fields, 2 * limit)
    draft.form = msgspec.json.encode(state).decode()
    draft.save(update_fields=["fields", "form"])


def _json(values: Mapping[str, Values]) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def _write_labels(draft: Draft, typed: Mapping[str, Values]) -> None:
    """Give the variant rows the labels that were typed; one that no row has (yet) waits for its row."""
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
    """Whether somebody typed something: in a field, or the name of a variant."""
    rows = draft.variants if has_changed_rows(draft) else []
    return has_changed_fields(draft) or any(row["label"].strip() for row in rows)


def has_changed_fields(draft: Draft) -> bool:
    """Whether somebody typed something into a field, or has it on offer: for an edit, something that is not saved."""
    state = form_state(draft)
    fields = {name: field for name, field in state.fields.items() if not name.startswith(LABEL)}
    return any(is_typed(field, state.known.get(name, ()), SAVED) for name, field in fields.items())


def has_changed_rows(draft: Draft) -> bool:
    """Whether somebody changed the variant rows; those of an edited product are its own until then."""
    known = form_state(draft).known
    if not draft.target_id or not known:
        return draft.variants_revision > 1 or bool(draft.variants and not draft.target_id)
    rows: dict[str, Values] = {LABEL + row["temp_id"]: (row["label"],) for row in draft.variants}
    if list(rows) != [name for name in opened_with(draft) if name.startswith(LABEL)]:
        return True
    return any(known[name][-1].values != label for name, label in rows.items())


def take_over(old: Draft, to: Draft) -> None:
    """Give the locked draft `to` the fields of `old`, which has ended, with what is on offer beside them.

    Revisions count from `to`'s own. Of an edit it also knows what `old` was based on, so that the target's values of
    today meet what was typed as any newer ones do (`learn`); a new product has no use for either.
    """
    state, is_edit = form_state(old), bool(to.target_id)
    fields = {
        name: replace(
            field,
            revision=to.revision,
            offers=tuple(replace(offer, revision=to.revision) for offer in field.offers),
        )
        for name, field in state.fields.items()
        if is_edit or not field.author.startswith(SAVED)
    }
    known = {name: [replace(values[-1], revision=to.revision)] for name, values in state.known.items()}
    write(to, FormState(fields=fields, known=known if is_edit else {}))


def set_variants(draft_id: UUID, user: User, op: str, revision: int, rows: Sequence[tuple[str, str]]) -> int:
    """Replace the variant rows; images of rows that are gone move to the end of the main list.

    Raises `Refusal` (``too_many_variants``; ``stale`` when the rows changed after `revision`); the draft then stays as
    it was.
    Other changes do not count: while images are being stored the revision moves all the time.
    """
    temp_ids = [temp_id for temp_id, _ in rows]
    if len(rows) > upload_settings().limits.max_variants:
        raise Refusal(Code.TOO_MANY_VARIANTS)
    if len(set(temp_ids)) != len(temp_ids):
        raise Refusal(Code.BAD_MESSAGE, "The variant rows are not distinct.")
    with changing(draft_id, user) as draft:
        if (answer := answered(draft, op)) is not None:
            return answer
        if not draft.variants_revision <= revision < draft.revision:
            raise Refusal(Code.STALE)
        labels = _merge_labels(draft, revision, rows)
        draft.variants = [{"temp_id": temp_id, "label": labels.get(temp_id, label)} for temp_id, label in rows]
        draft.variants_revision = draft.revision
        draft.save(update_fields=["variants", "variants_revision"])
        lists.write(draft, keep_variants(lists.read(draft), temp_ids))
        return remember(draft, op)


def _merge_labels(draft: Draft, revision: int, rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Count labels that differ as typed: a page of the version before sends them with its rows.

    Return the labels that are known as text: one typed before its row is here wins over the one its row came with.
    """
    known = {row["temp_id"]: row["label"] for row in draft.variants}
    typed = {LABEL + temp_id: (revision, (label,)) for temp_id, label in rows if known.get(temp_id, label) != label}
    state = form_state(draft)
    gone = {LABEL + temp_id for temp_id in known.keys() - dict(rows).keys()} & state.fields.keys()
    if typed or gone:
        fields = merge_fields(state.fields, typed, UNKNOWN, draft.revision)
        state.fields = {name: field for name, field in fields.items() if name not in gone}
        write(draft, state)
    labels = {name: field.values for name, field in state.fields.items() if name.startswith(LABEL)}
    return {name.removeprefix(LABEL): values[-1] for name, values in labels.items() if values}
