"""The row of the expiry circuit breaker: every sweep reads it, and any sweep can trip it for all processes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from msgspec import structs

from uploads import event_log
from uploads.core import states
from uploads.core.service_time import Cause
from uploads.core.states import DraftState
from uploads.expiry import circuit_breaker_rules as rules
from uploads.expiry.circuit_breaker_rules import ExpiryBreaker, Seen
from uploads.grace import clock
from uploads.models import Draft, ExpiryFreeze, Socket
from uploads.presence import sockets as presence_sockets


def state() -> ExpiryBreaker:
    """Return the current state of the breaker."""
    row = _row()
    return ExpiryBreaker(row.frozen_until_ms, row.released_ms, row.exempt_ms)


def check(s_ms: int) -> None:
    """Trip the breaker when too much would be lost at once; reset it when a freeze is over."""
    now = state()
    if rules.is_over(now, s_ms):
        if _transition(now, rules.reset(now, s_ms)):
            event_log.record("expiry_resumed", None, s_ms=s_ms, by="")
    elif now.frozen_until_ms is None:
        seen = _count(now, s_ms)
        reason = rules.reason_to_trip(seen)
        facts = structs.asdict(seen)
        if reason is not None and _transition(now, rules.trip(now, s_ms), reason=reason, seen=facts):
            event_log.alarm("expiry_frozen", None, reason=reason, s_ms=s_ms, **facts)


def reset(by: str) -> bool:
    """End a freeze early. False if there is none."""
    with transaction.atomic():
        now, s_ms = state(), clock.service_now()
        if now.frozen_until_ms is None or not _transition(now, rules.reset_by_operator(now, s_ms)):
            return False
        event_log.record("expiry_resumed", None, s_ms=s_ms, by=by)
    return True


def override(s_ms: int) -> None:
    """Exempt deadlines set by a manual grace change at S = `s_ms` from tripping the breaker."""
    exempt_ms = rules.override(state(), s_ms).exempt_ms
    ExpiryFreeze.objects.filter(pk=1, exempt_ms__lt=exempt_ms).update(exempt_ms=exempt_ms)


def _count(now: ExpiryBreaker, s_ms: int) -> Seen:
    """Count what would be lost. Runs every second, so it counts the totals only where they can matter."""
    window = Draft.objects.filter(deadline_ms__gt=now.exempt_ms, deadline_ms__lte=s_ms + rules.DUE_WINDOW_MS)
    due = window.filter(state=DraftState.GRACE).count()
    since_ms = max(s_ms - rules.LOST_WINDOW_MS, now.released_ms)
    closed = Socket.objects.filter(closed_ms__gt=since_ms, process__isnull=False)
    lost = closed.filter(closed_cause__in=[Cause.LOST, Cause.LAPSED]).count()
    drafts = Draft.objects.filter(state__in=states.LIVE).count() if due > rules.MIN_DUE else due
    sockets = closed.count() + presence_sockets.live_sockets(s_ms).count() if lost > rules.MIN_LOST else lost
    return Seen(due=due, drafts=drafts, lost=lost, sockets=sockets)


def _transition(before: ExpiryBreaker, after: ExpiryBreaker, **facts: Any) -> bool:
    """Write `after`. False if another process changed the breaker first."""
    unchanged = ExpiryFreeze.objects.filter(pk=1, **structs.asdict(before))
    return bool(unchanged.update(**structs.asdict(after), **facts))


def _row() -> ExpiryFreeze:
    return ExpiryFreeze.objects.filter(pk=1).first() or ExpiryFreeze.objects.get_or_create(pk=1)[0]
