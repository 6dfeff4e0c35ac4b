"""The blast brake's row: every sweep reads it, the sweep that sees the reason freezes expiry for all."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from msgspec import structs

from uploads import event_log
from uploads.core import states
from uploads.core.service_time import Cause
from uploads.core.states import DraftState
from uploads.expiry import freeze_rules as rules
from uploads.expiry.freeze_rules import Brake, Seen
from uploads.grace import clock
from uploads.models import Draft, ExpiryFreeze, Socket
from uploads.presence import sockets as presence_sockets


def state() -> Brake:
    """The brake as it stands."""
    row = _row()
    return Brake(row.frozen_until_ms, row.released_ms, row.exempt_ms)


def check(s_ms: int) -> None:
    """Freeze expiry when too much would be lost at once, and let it go on when a freeze is over."""
    now = state()
    if rules.over(now, s_ms):
        if _move(now, rules.ended(now, s_ms)):
            event_log.record("expiry_resumed", None, s_ms=s_ms, by="")
    elif now.frozen_until_ms is None:
        seen = _count(now, s_ms)
        reason = rules.reason_to_freeze(seen)
        facts = structs.asdict(seen)
        if reason is not None and _move(now, rules.frozen(now, s_ms), reason=reason, seen=facts):
            event_log.alarm("expiry_frozen", None, reason=reason, s_ms=s_ms, **facts)


def lift(by: str) -> bool:
    """End a freeze before its time; False when there is none."""
    with transaction.atomic():
        now, s_ms = state(), clock.service_now()
        if now.frozen_until_ms is None or not _move(now, rules.lifted(now, s_ms)):
            return False
        event_log.record("expiry_resumed", None, s_ms=s_ms, by=by)
    return True


def exempt(s_ms: int) -> None:
    """The grace was changed by hand at S = `s_ms`: what expires by that is meant."""
    exempt_ms = rules.exempted(state(), s_ms).exempt_ms
    ExpiryFreeze.objects.filter(pk=1, exempt_ms__lt=exempt_ms).update(exempt_ms=exempt_ms)


def _count(now: Brake, s_ms: int) -> Seen:
    """Counts each second, so it asks for the whole only where the part is big enough to matter."""
    window = Draft.objects.filter(deadline_ms__gt=now.exempt_ms, deadline_ms__lte=s_ms + rules.DUE_WINDOW_MS)
    due = window.filter(state=DraftState.GRACE).count()
    since_ms = max(s_ms - rules.LOST_WINDOW_MS, now.released_ms)
    closed = Socket.objects.filter(closed_ms__gt=since_ms, process__isnull=False)
    lost = closed.filter(closed_cause__in=[Cause.LOST, Cause.LAPSED]).count()
    drafts = Draft.objects.filter(state__in=states.LIVE).count() if due > rules.LEAST_DUE else due
    sockets = closed.count() + presence_sockets.live_sockets(s_ms).count() if lost > rules.LEAST_LOST else lost
    return Seen(due=due, drafts=drafts, lost=lost, sockets=sockets)


def _move(before: Brake, after: Brake, **facts: Any) -> bool:
    """Write `after` unless another process moved the brake first."""
    unchanged = ExpiryFreeze.objects.filter(pk=1, **structs.asdict(before))
    return bool(unchanged.update(**structs.asdict(after), **facts))


def _row() -> ExpiryFreeze:
    return ExpiryFreeze.objects.filter(pk=1).first() or ExpiryFreeze.objects.get_or_create(pk=1)[0]
