"""Two users who save one target: what a save does with the text of both, and which drafts learn of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from msgspec import Struct

from uploads import signals
from uploads.core import states
from uploads.drafts import form_state, lists
from uploads.drafts.field_merge import Saving, merge_at_save
from uploads.models import CommitRecord, Draft, File


class FieldMerge(Struct, frozen=True):
    """What a save does with the text. `theirs` are fields that keep the target's value; `unseen` need a review first.

    Both contain field names; `unseen` also has the target's current value and who saved it.
    """

    theirs: frozenset[str]
    unseen: dict[str, tuple[tuple[str, ...], str]]


def merge_fields(
    draft: Draft,
    user: User,
    sent: Mapping[str, Sequence[str]],
    current: Mapping[str, Sequence[str]],
    seen: int | None,
) -> FieldMerge:
    """Implement `uploads.drafts.commit.Commit.merge_fields`."""
    known = form_state.form_state(draft).known
    decided = {
        name: merge_at_save(tuple(sent[name]), tuple(values), known.get(name, ()), seen or 0)
        for name, values in current.items()
        if name in sent
    }
    unseen = [name for name, what in decided.items() if what is Saving.UNSEEN]
    names: dict[str, str] = {}
    if unseen:
        others = {name: tuple(values) for name, values in current.items()}
        after = form_state.learn(draft, others, _last_other(draft, user))
        names = {name: after.known[name][-1].name for name in unseen}
    return FieldMerge(
        theirs=frozenset(name for name, what in decided.items() if what is Saving.THEIRS),
        unseen={name: (tuple(current[name]), names[name]) for name in unseen},
    )


def _last_other(draft: Draft, user: User) -> User | None:
    record = saves_by_others(draft, user).order_by("-pk").select_related("draft__owner").first()
    return record.draft.owner if record else None


def saves_by_others(draft: Draft, user: User) -> QuerySet[CommitRecord]:
    """Return the saves of the draft's target by users other than `user` since the draft was opened."""
    return CommitRecord.objects.filter(
        target_id=draft.target_id,
        draft__target_kind=draft.target_kind,
        draft__ended_at__gt=draft.created_at,
    ).exclude(draft__owner=user)


def tell_saved(saved: Draft, target_id: str, values: Mapping[str, Sequence[str]], user: User) -> None:
    """Record in the other open drafts of a target what `user` has just saved; each in its own transaction."""
    learned = {name: tuple(texts) for name, texts in values.items()}
    same = Draft.objects.filter(target_kind=saved.target_kind, target_id=target_id, state__in=states.LIVE)
    for draft_id in same.exclude(pk=saved.pk).values_list("pk", flat=True):
        with transaction.atomic():
            if not same.filter(pk=draft_id).update(revision=F("revision") + 1):
                continue
            form_state.learn(Draft.objects.get(pk=draft_id), learned, user)
            signals.tell_tabs(draft_id)


def drop_references(draft_id: UUID, files: Collection[UUID]) -> None:
    """Remove released files from a draft that references them; its other files are renumbered."""
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft_id, state__in=states.LIVE).update(revision=F("revision") + 1):
            return
        File.objects.filter(draft=draft_id, source__in=files).delete()
        draft = Draft.objects.get(pk=draft_id)
        lists.write(draft, lists.read(draft))
        signals.tell_tabs(draft_id)
