"""Idle drafts: an open draft without activity for ``MAX_IDLE_DAYS`` ends with reason ``idle``.

Off unless ``MAX_IDLE_DAYS`` is set. Reconnecting is not activity, because an unattended tab does that by itself. Drafts
are checked only now and then, so one may end late but never early.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from uploads import event_log
from uploads.conf import upload_settings
from uploads.core.states import DraftEvent, DraftState
from uploads.drafts import lifecycle
from uploads.expiry import circuit_breaker
from uploads.grace import clock
from uploads.models import Draft

BATCH = 50
DAY_MS = 86_400_000
WARNING_MS = 3_600_000
"""How long before its end a draft is announced in the log."""


def expire_idle() -> int:
    """Record activity since the last check and end the drafts idle for too long; return how many."""
    days = upload_settings().max_idle_days
    if days is None:
        return 0
    _record_activity()
    last_ms = clock.service_now() - days * DAY_MS
    for draft_id in _ids(_idle(last_ms + WARNING_MS).filter(idle_warned=False)):
        if _idle(last_ms + WARNING_MS).filter(pk=draft_id, idle_warned=False).update(idle_warned=True):
            event_log.record("draft_idle", draft_id, days=days)
    if circuit_breaker.state().frozen_until_ms is not None:
        return 0
    return sum(_end(draft_id, last_ms) for draft_id in _ids(_idle(last_ms)))


def _record_activity() -> None:
    used = Draft.objects.filter(state=DraftState.OPEN, touched=True)
    with transaction.atomic():
        # Only unlocked rows: this must not wait for a save, nor a save for this.
        free = list(used.select_for_update(skip_locked=True).values_list("pk", flat=True)[: BATCH * BATCH])
        for at in range(0, len(free), BATCH):
            seen = Draft.objects.filter(pk__in=free[at : at + BATCH])
            seen.update(touched=False, idle_warned=False, idle_since_ms=clock.service_now())


def _idle(since_ms: int) -> QuerySet[Draft]:
    idle = Draft.objects.filter(state=DraftState.OPEN, touched=False, idle_since_ms__lte=since_ms)
    # Drafts whose owner asked to keep them are not idle.
    return idle.exclude(keep_until_ms__gt=clock.service_now())


def _ids(found: QuerySet[Draft]) -> list[UUID]:
    return list(found.values_list("pk", flat=True)[:BATCH])


def _end(draft_id: UUID, last_ms: int) -> bool:
    """End the draft unless someone used, left or saved it first."""
    with transaction.atomic():
        idle = _idle(last_ms).filter(pk=draft_id)
        if idle.select_for_update(skip_locked=True).first() is None:
            return False
        if not idle.update(revision=F("revision") + 1):
            return False
        lifecycle.end(Draft.objects.get(pk=draft_id), DraftEvent.IDLE, reason="idle")
    return True
