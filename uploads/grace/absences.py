"""Recording how long drafts were without a live socket: the facts that N is tuned from (`uploads.grace.forecast`)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from uploads import event_log
from uploads.core.service_time import Cause
from uploads.grace.forecast import Absence
from uploads.models import DisconnectionRecord, Draft, File

KEPT_DAYS = 90


def returned(draft: Draft, s_ms: int) -> None:
    """Somebody came back to a draft in grace at S = `s_ms`: with a socket, or to save it."""
    duration_ms = _length(draft, s_ms)
    DisconnectionRecord.objects.create(draft=draft.pk, duration_ms=duration_ms, cause=draft.grace_cause)
    if draft.grace_cause != Cause.REQUEST:
        event_log.record("draft_returned", draft.pk, duration_ms=duration_ms, cause=draft.grace_cause)


def expired(draft: Draft, s_ms: int) -> None:
    """Nobody came back to the draft until it expired at S = `s_ms`. Call before its files go."""
    held = File.objects.filter(draft=draft, source=None).aggregate(bytes=Sum("size"))["bytes"]
    DisconnectionRecord.objects.create(
        draft=draft.pk, duration_ms=_length(draft, s_ms), cause=draft.grace_cause, returned=False, bytes=held or 0
    )


def on_record() -> list[Absence]:
    """All gaps on record, for `uploads.grace.forecast`."""
    rows = DisconnectionRecord.objects.values_list("draft", "cause", "duration_ms", "returned", "bytes")
    return [Absence(draft, Cause(cause), duration_ms, back, held) for draft, cause, duration_ms, back, held in rows]


def tidy() -> None:
    """Forget facts that are too old to tune by."""
    DisconnectionRecord.objects.filter(recorded_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()


def _length(draft: Draft, s_ms: int) -> int:
    return s_ms - (s_ms if draft.grace_since_ms is None else draft.grace_since_ms)
