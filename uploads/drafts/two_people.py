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
from uploads.drafts import form_state, lists, removed_rows
from uploads.drafts.field_merge import Saving, Values, merge_at_save, unseen_offer
from uploads.models import CommitRecord, Draft, File


class FieldMerge(Struct, frozen=True):
    """What a save does with the form: what follows others, and what needs a review first."""

    theirs: frozenset[str]
    """Fields that keep what the target has."""
    unseen: dict[str, tuple[Values, str]]
    """By field: what the target has now, and who saved it."""
    other_tab: dict[str, Values]
    """By field: what was typed in another tab of the draft."""
    other_rows: list[tuple[str, str]]
    """Variant rows that another tab added: (temporary id, label)."""
    gone: frozenset[str]
    """Temporary ids of rows that a colleague removed and nobody touched here: they are left out."""

    @property
    def asks(self) -> bool:
        """Whether the user has to look at something before the product is saved."""
        return bool(self.unseen or self.other_tab or self.other_rows)


def merge_fields(
    draft: Draft,
    user: User,
    sent: Mapping[str, Sequence[str]],
    current: Mapping[str, Sequence[str]],
    seen: int | None,
    author: str,
) -> FieldMerge:
    """Implement `uploads.drafts.commit.Commit.merge_fields`."""
    state = form_state.form_state(draft)
    known = state.known
    texts = {name: tuple(values) for name, values in sent.items()}
    gone = removed_rows.to_drop(draft, texts, current, seen or 0) if current else frozenset()
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
        # A page of the version before does not say what it shows of other tabs.
        other_tab={} if seen is None else _other_tab(state, texts, author, seen, {*unseen, *_labels(gone)}),
        other_rows=[] if seen is None else _other_rows(draft, texts, seen),
        gone=gone,
    )


def _other_tab(
    state: form_state.FormState, sent: Mapping[str, Values], author: str, seen: int, decided: Collection[str]
) -> dict[str, Values]:
    """What other tabs of the draft typed that the page has not shown, in fields not `decided` otherwise."""
    offers = {
        name: unseen_offer(sent[name], field, author, seen, form_state.SAVED)
        for name, field in state.fields.items()
        if name in sent and name not in decided
    }
    return {name: offer.values for name, offer in offers.items() if offer is not None}


def _other_rows(draft: Draft, sent: Mapping[str, Values], seen: int) -> list[tuple[str, str]]:
    """Rows of the draft that the form lacks, if they changed after the page showed them."""
    if draft.variants_revision <= seen:
        return []
    rows = [(row["temp_id"], row["label"]) for row in draft.variants]
    return [(temp_id, label) for temp_id, label in rows if form_state.LABEL + temp_id not in sent]


def _labels(temp_ids: Collection[str]) -> list[str]:
    return [form_state.LABEL + temp_id for temp_id in temp_ids]


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


def tell_saved(
    saved: Draft,
    target_id: str,
    values: Mapping[str, Sequence[str]],
    before: Mapping[str, Sequence[str]],
    user: User,
) -> None:
    """Record in the other open drafts of a target what `user` has just saved; each in its own transaction.

    `before` is what was saved until then: a draft that was opened by the previous version starts from that.
    """
    learned, began = ({name: tuple(texts) for name, texts in each.items()} for each in (values, before))
    same = Draft.objects.filter(target_kind=saved.target_kind, target_id=target_id, state__in=states.LIVE)
    for draft_id in same.exclude(pk=saved.pk).values_list("pk", flat=True):
        with transaction.atomic():
            if not same.filter(pk=draft_id).update(revision=F("revision") + 1):
                continue
            draft = Draft.objects.get(pk=draft_id)
            form_state.learn(draft, learned, user, began)
            removed_rows.follow(draft, learned, user)
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
