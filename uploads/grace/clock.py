"""The service clock: read S from the database, and tick it.

`database_now_ms` is the only function that reads the time; tests replace it. Commands and requests read S; only
processes that accept connections tick it (`uploads.runtime.heartbeat`).
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from uploads.core import service_time
from uploads.core.states import DraftState
from uploads.grace import rules
from uploads.grace.policy import grace_settings
from uploads.models import Draft, ServiceClock

_NOW_SQL = {
    "postgresql": "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
    # SQLite 3.40 has no unixepoch('subsec').
    "sqlite": "SELECT CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)",
}


def database_now_ms() -> int:
    """Return the database's wall clock in milliseconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW_SQL[connection.vendor])
        return int(cursor.fetchone()[0])


def service_now() -> int:
    """Return S now, in milliseconds of service time."""
    clock = _row()
    return service_time.service_now(clock.s_ms, clock.last_ms, database_now_ms())


def lock() -> int:
    """Lock the clock until this transaction ends and return S.

    No tick can grant a floor while deadlines are being changed. Lock the clock before locking many drafts, as a tick
    does; in the other order the two would deadlock.
    """
    _row()
    ServiceClock.objects.select_for_update().get(pk=1)
    return service_now()


def tick() -> int:
    """Advance the clock by one tick and return S; after an outage, grant drafts in grace their floor."""
    with transaction.atomic():
        _row()
        clock = ServiceClock.objects.select_for_update().get(pk=1)
        moved = service_time.tick(clock.s_ms, clock.last_ms, database_now_ms())
        ServiceClock.objects.filter(pk=1).update(s_ms=moved.s_ms, last_ms=moved.last_ms)
        if moved.after_outage:
            _grant_floor(moved.s_ms)
    return moved.s_ms


def _grant_floor(s_ms: int) -> None:
    settings = grace_settings()
    for cause in service_time.Cause:
        floor = s_ms + rules.floor_ms(settings.milliseconds(cause))
        waiting = Draft.objects.filter(state=DraftState.GRACE, grace_cause=cause)
        waiting.update(deadline_ms=Greatest(F("deadline_ms"), floor))


def _row() -> ServiceClock:
    clock = ServiceClock.objects.filter(pk=1).first()
    if clock is None:
        clock, _ = ServiceClock.objects.get_or_create(pk=1, defaults={"last_ms": database_now_ms()})
    return clock
