"""Variant rows that a colleague removed from the target and saved.

A row that was left alone in this draft goes as well, and its images move to the main list. A row that was edited here,
or was given images, stays and is marked: an edit beats a removal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.contrib.auth.models import User

from uploads.core import states
from uploads.core.ordering import keep_variants
from uploads.drafts import lists
from uploads.drafts.field_merge import Known, Values
from uploads.drafts.form_state import LABEL, REMOVED_KEPT, FormState, RemovedRow, display_name, form_state, write
from uploads.models import Draft


def newly_removed(state: FormState, saved: Collection[str]) -> dict[str, Known]:
    """The rows, by temporary id, that the target had and `saved`, the names of its fields now, does not have."""
    return {
        name.removeprefix(LABEL): known[-1]
        for name, known in state.known.items()
        if name.startswith(LABEL) and name not in saved
    }


def follow(draft: Draft, saved: Collection[str], user: User | None = None) -> None:
    """Let a locked draft follow the rows that `user` removed: `saved` names the fields its target has now."""
    state = form_state(draft)
    removed = newly_removed(state, saved)
    if not removed:
        return
    by = display_name(user) if user else ""
    labels: dict[str, Values] = {row["temp_id"]: (row["label"],) for row in draft.variants}
    edited = _with_new_images(draft) | {
        temp_id for temp_id, label in labels.items() if _is_edited(state, temp_id, label)
    }
    for temp_id, known in removed.items():
        del state.known[LABEL + temp_id]
        state.removed[temp_id] = RemovedRow(by, draft.revision, known.values)
        if temp_id not in edited:
            state.fields.pop(LABEL + temp_id, None)
    state.removed = dict(list(state.removed.items())[-REMOVED_KEPT:])
    gone = removed.keys() - edited
    if gone & labels.keys():
        draft.variants = [row for row in draft.variants if row["temp_id"] not in gone]
        draft.variants_revision = draft.revision
        draft.save(update_fields=["variants", "variants_revision"])
        lists.write(draft, keep_variants(lists.read(draft), [row["temp_id"] for row in draft.variants]))
    write(draft, state)


def _is_edited(state: FormState, temp_id: str, label: Values) -> bool:
    known = state.known.get(LABEL + temp_id)
    field = state.fields.get(LABEL + temp_id)
    return known is not None and (label != known[-1].values or bool(field and field.offers))


def _with_new_images(draft: Draft) -> set[str]:
    """The rows that have images of this draft."""
    mine = draft.files.filter(source=None, state__in=states.LISTED).exclude(variant_temp_id="")
    return set(mine.values_list("variant_temp_id", flat=True))


def to_drop(draft: Draft, sent: Mapping[str, Values], current: Collection[str], seen: int) -> frozenset[str]:
    """The rows of a form that its save leaves out: a colleague removed them, and nobody here touched them.

    `sent` are the fields of the form, `current` names those the target has now. A row that the page has shown as
    removed, at the revision `seen`, and that still stands in it is wanted.
    """
    state = form_state(draft)
    labels: dict[str, Values] = {temp_id: known.values for temp_id, known in newly_removed(state, current).items()}
    labels |= {temp_id: row.label for temp_id, row in state.removed.items() if row.revision > seen}
    alone = {temp_id for temp_id, label in labels.items() if sent.get(LABEL + temp_id) == label}
    return frozenset(alone - _with_new_images(draft))
