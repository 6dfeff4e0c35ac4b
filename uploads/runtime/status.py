"""The state of the site for an operator: what is open and what is due, as plain values. Changes nothing."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from uploads import spool
from uploads.core.service_time import OUTAGE_MS
from uploads.core.states import DraftState, FileState
from uploads.grace import clock
from uploads.grace.policy import grace_settings
from uploads.models import Draft, ExpiryFreeze, File, LiveGrace, Process, ServiceClock, StoreJob
from uploads.presence import polling, sockets
from uploads.stores.registry import current_store

IN_TEMP = (FileState.STORED, FileState.REMOVED, FileState.LINKED, FileState.DELETING)
"""States in which a file with bytes of its own has, or may have, an object in the temp folder."""
HORIZONS_MS = {"1 min": 60_000, "10 min": 600_000, "1 h": 3_600_000}


def status() -> dict[str, Any]:
    """Return the state of the site; ``docs/operations.md`` explains each part. Times are service time."""
    s_ms = clock.service_now()
    return {
        "grace": _grace(),
        "clock": _clock(s_ms),
        "freeze": _freeze(s_ms),
        "processes": _processes(s_ms),
        "tabs": {"sockets": sockets.live_sockets(s_ms).count(), "over_http": polling.active(s_ms).count()},
        "drafts": _by_state(Draft.objects.all()),
        "due_within": _due_within(s_ms),
        "files": _by_state(File.objects.all()),
        "elsewhere": _elsewhere(),
        "bytes": {"spool": spool.size(), "temp": _temp_bytes()},
        "jobs": {kind: _jobs(StoreJob.objects.filter(kind=kind), s_ms) for kind in StoreJob.Kind.values},
    }


def _grace() -> dict[str, Any]:
    live, now = LiveGrace.objects.filter(pk=1).first(), grace_settings()
    origin = {"from": "settings"}
    if live is not None:
        origin = {"from": "live", "by": live.set_by, "at": live.set_at.isoformat(timespec="seconds")}
    return {"seconds": now.seconds, "seconds_lost": now.seconds_lost, **origin}


def _clock(s_ms: int) -> dict[str, Any]:
    """Return the clock's state. Only processes that accept connections tick it; otherwise nothing expires."""
    age_ms = clock.database_now_ms() - ServiceClock.objects.get(pk=1).last_ms
    return {"s_ms": s_ms, "tick_age_ms": age_ms, "running": age_ms <= OUTAGE_MS}


def _freeze(s_ms: int) -> dict[str, Any]:
    row = ExpiryFreeze.objects.filter(pk=1).first()
    if row is None or row.frozen_until_ms is None:
        return {"frozen": False}
    return {"frozen": True, "left_ms": max(row.frozen_until_ms - s_ms, 0), "reason": row.reason, "seen": row.seen}


def _processes(s_ms: int) -> dict[str, int]:
    counts = Process.objects.aggregate(
        alive=Count("pk", filter=Q(lease_ms__gte=s_ms, draining=False)),
        draining=Count("pk", filter=Q(lease_ms__gte=s_ms, draining=True)),
        lapsed=Count("pk", filter=Q(lease_ms__lt=s_ms)),
    )
    return dict(counts)


def _by_state(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.values_list("state").annotate(Count("pk")).order_by("state"))


def _due_within(s_ms: int) -> dict[str, int]:
    waiting = Draft.objects.filter(state=DraftState.GRACE)
    return {name: waiting.filter(deadline_ms__lte=s_ms + ms).count() for name, ms in HORIZONS_MS.items()}


def _elsewhere() -> dict[str, int]:
    """Count the files whose object is in another store and still has to be promoted or deleted, by store."""
    waiting = File.objects.filter(source=None, state__in=IN_TEMP).exclude(store_name__in=["", current_store().name])
    return dict(waiting.values_list("store_name").annotate(Count("pk")).order_by("store_name"))


def _temp_bytes() -> int:
    return File.objects.filter(source=None, state__in=IN_TEMP).aggregate(bytes=Sum("size"))["bytes"] or 0


def _jobs(of_kind: QuerySet[StoreJob], s_ms: int) -> dict[str, Any]:
    """Count jobs: `waiting` for their time, `due`, `claimed` by a live process, `dead` until requeued."""
    acquired = Q(dead=False, acquired_by__lease_ms__gte=s_ms)
    due = Q(not_before_ms__lte=s_ms)
    failing = of_kind.exclude(error="").values_list("error", flat=True).distinct().order_by("error")
    counts = of_kind.aggregate(
        due=Count("pk", filter=Q(dead=False) & due & ~acquired),
        waiting=Count("pk", filter=Q(dead=False) & ~due & ~acquired),
        claimed=Count("pk", filter=acquired),
        dead=Count("pk", filter=Q(dead=True)),
    )
    return {**counts, "errors": list(failing[:10])}
