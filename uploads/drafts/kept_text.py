"""Kept text: the form text of an expired or discarded draft outlives its images by `TEXT_KEPT_DAYS`.

It stays in the row of the draft. Restoring moves it into a new draft, once. After that, or when the time is over, it is
erased from the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet, Sum, TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone
from msgspec import Struct

from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.states import DraftState
from uploads.drafts import lifecycle
from uploads.drafts.form_state import has_text, noted, take_over
from uploads.models import Draft
from uploads.permissions import Target

ENDED = (DraftState.EXPIRING, DraftState.EXPIRED)
ERASED = {"fields": "{}", "form": "{}", "variants": []}
"""The values of the text columns in a row without text."""
BATCH = 200


class KeptText(Struct, frozen=True, kw_only=True):
    """The text of a draft whose images were deleted."""

    id: UUID
    target: Target
    fields: dict[str, list[str]]
    variants: list[tuple[str, str]]
    """The variant rows: (temporary id, label) in order."""
    images: int
    """How many images it had."""
    is_discarded: bool
    """Whether somebody ended it, its owner or the user who deleted its target; False if it expired."""
    ended_at: datetime
    kept_until: datetime
    """Approximately when it is erased."""


def kept_texts(user: User, kind: str) -> list[KeptText]:
    """Return the texts of the user's ended drafts of the `kind`, latest end first."""
    rows = _kept().filter(owner=user, target_kind=kind).order_by("-ended_at")
    return [_seen(draft) for draft in rows if has_text(draft)]


def find(user: User, draft_id: UUID) -> KeptText | None:
    """Return the kept text of one draft; None if there is none or the draft is not the user's."""
    draft = _kept().filter(pk=draft_id, owner=user).first()
    return _seen(draft) if draft is not None and has_text(draft) else None


def restored(user: User, draft_id: UUID | None) -> Draft | None:
    """Return the live draft that took over the text of `draft_id`; restoring again leads there."""
    if draft_id is None:
        return None
    successors = Draft.objects.filter(pk=draft_id, owner=user).values("restored_as")
    return Draft.objects.filter(pk__in=successors, owner=user, state__in=states.LIVE).first()


def move(draft_id: UUID, to: Draft, variants: Sequence[tuple[str, str]] = ()) -> bool:
    """Move the kept text of `draft_id` into the draft `to`; False if there is none (any more).

    `variants` are rows that `to` needs besides those of the text. Call in the transaction that opens `to`.
    """
    mine = _kept().filter(pk=draft_id, owner=to.owner_id, target_kind=to.target_kind)
    old = mine.select_for_update().first()
    # The row count says who was first, because SQLite has no row locks.
    if old is None or not mine.update(**ERASED, restored_as=to.pk):
        return False
    known = {row["temp_id"] for row in old.variants}
    needed = [{"temp_id": temp_id, "label": label} for temp_id, label in variants if temp_id not in known]
    to.variants = [*old.variants, *needed]
    to.variants_revision = to.revision
    to.save(update_fields=["variants", "variants_revision"])
    take_over(old, to)
    return True


def erase(user: User, draft_id: UUID) -> bool:
    """Erase the kept text of a draft of `user` now."""
    return bool(_with_something(_kept().filter(pk=draft_id, owner=user)).update(**ERASED))


def erase_overdue() -> int:
    """Erase the texts whose time is over; return how many."""
    overdue = Draft.objects.filter(state__in=ENDED, ended_at__lte=_oldest())
    found = list(_with_something(overdue).values_list("pk", flat=True)[:BATCH])
    return Draft.objects.filter(pk__in=found).update(**ERASED)


def erase_beyond_limit() -> int:
    """Erase the oldest texts of users who exceed `max_kept_text`; return how many."""
    limit = upload_settings().limits.max_kept_text
    size = Length("fields") + Length("form") + Length(Cast("variants", TextField()))
    kept = _with_something(_kept()).annotate(size=size)
    greedy = kept.values("owner").annotate(total=Sum("size")).filter(total__gt=limit)
    gone: list[UUID] = []
    for owner in greedy.values_list("owner", flat=True):
        newest_first = list(kept.filter(owner=owner).order_by("-ended_at").values_list("pk", "size"))
        totals = accumulate(size for _, size in newest_first)
        gone += [pk for (pk, _), total in zip(newest_first, totals, strict=True) if total > limit]
    return Draft.objects.filter(pk__in=gone[:BATCH]).update(**ERASED)


def _kept() -> QuerySet[Draft]:
    return Draft.objects.filter(state__in=ENDED, ended_at__gt=_oldest(), restored_as=None)


def _with_something(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    return drafts.exclude(**ERASED)


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=upload_settings().text_kept_days)


def _seen(draft: Draft) -> KeptText:
    ended_at = draft.ended_at or timezone.now()
    return KeptText(
        id=draft.pk,
        target=Target(draft.target_kind, draft.target_id),
        fields=noted(draft),
        variants=[(row["temp_id"], row["label"]) for row in draft.variants],
        images=len(draft.lost_names),
        is_discarded=draft.end_reason in lifecycle.DELIBERATE,
        ended_at=ended_at,
        kept_until=ended_at + timedelta(days=upload_settings().text_kept_days),
    )
