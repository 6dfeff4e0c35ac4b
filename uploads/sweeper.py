"""What time does to drafts: lapsed processes lose their sockets, overdue drafts expire, emptied ones end."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from msgspec import Struct

from uploads import clock, drafts, presence
from uploads.core.states import DraftEvent, DraftState
from uploads.models import Draft, StoreJob

BATCH = 50


class Swept(Struct, frozen=True):
    """What one sweep did, and whether store jobs wait for a runner."""

    lapsed: int
    expired: int
    jobs_due: bool


def sweep() -> Swept:
    """One sweep. Any number may run at once: each draft is decided by one conditional UPDATE."""
    lapsed = presence.settle_lapsed()
    s_ms = clock.service_now()
    overdue = Draft.objects.filter(state=DraftState.GRACE, deadline_ms__lte=s_ms).order_by("deadline_ms")
    expired = sum(_expire(draft_id) for draft_id in list(overdue.values_list("pk", flat=True)[:BATCH]))
    due = StoreJob.objects.filter(dead=False, not_before_ms__lte=s_ms).exists()
    return Swept(lapsed, expired, due)


def _expire(draft_id: UUID) -> bool:
    """Expire the draft unless a reconnect, a commit or another sweeper was first."""
    with transaction.atomic():
        s_ms = clock.service_now()
        overdue = Draft.objects.filter(pk=draft_id, state=DraftState.GRACE, deadline_ms__lte=s_ms)
        if not overdue.update(revision=F("revision") + 1):
            return False
        drafts.end(Draft.objects.get(pk=draft_id), DraftEvent.OVERDUE, reason="grace")
    return True
