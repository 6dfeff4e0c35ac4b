"""Record how long drafts were without a live socket, the data for choosing N (`uploads.grace.forecast`)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from uploads import event_log
from uploads.core.service_time import Cause
from uploads.grace.forecast import Disconnection
from uploads.models import DisconnectionRecord, Draft, File

KEPT_DAYS = 90


def record_return(draft: Draft, s_ms: int) -> None:
    """Record that someone returned to a draft in grace at S = `s_ms`, with a socket or to save it."""
    duration_ms = _length(draft, s_ms)
    DisconnectionRecord.objects.create(draft=draft.pk, duration_ms=duration_ms, cause=draft.grace_cause)
    if draft.grace_cause != Cause.REQUEST:
        event_log.record("draft_returned", draft.pk, duration_ms=duration_ms, cause=draft.grace_cause)


def record_expiry(draft: Draft, s_ms: int) -> None:
    """Record that the draft expired at S = `s_ms` without a return. Call before its files are deleted."""
    held = File.objects.filter(draft=draft, source=None).aggregate(bytes=Sum("size"))["bytes"]
    DisconnectionRecord.objects.create(
        draft=draft.pk, duration_ms=_length(draft, s_ms), cause=draft.grace_cause, returned=False, bytes=held or 0
    )


def recorded() -> list[Disconnection]:
    """Return every recorded disconnection, for `uploads.grace.forecast`."""
    rows = DisconnectionRecord.objects.values_list("draft", "cause", "duration_ms", "returned", "bytes")
    return [
        Disconnection(draft, Cause(cause), duration_ms, back, held) for draft, cause, duration_ms, back, held in rows
    ]


def purge_old() -> None:
    """Delete records older than `KEPT_DAYS`."""
    DisconnectionRecord.objects.filter(recorded_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()


def _length(draft: Draft, s_ms: int) -> int:
    return s_ms - (s_ms if draft.grace_since_ms is None else draft.grace_since_ms)
