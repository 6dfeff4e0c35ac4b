"""The sweeper: close the sockets of lapsed processes, expire overdue drafts, delete rows that are no longer needed."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from msgspec import Struct

from uploads import spool
from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.states import DraftEvent, DraftState, FileState
from uploads.drafts import keeping, kept_text, lifecycle
from uploads.expiry import circuit_breaker, idle
from uploads.expiry.circuit_breaker_rules import horizon
from uploads.grace import clock, disconnections
from uploads.images import preview_cache
from uploads.models import Draft, File, IdempotencyRecord, Process, Socket, StoreJob
from uploads.presence import polling, sockets

logger = logging.getLogger("uploads.sweeper")

BATCH = 50
DAY_MS = 86_400_000
KEPT_DAYS = 30
STRAY_SECONDS = 3600
"""Age from which a spool without a row is garbage: no upload pauses that long during a request."""


class Swept(Struct, frozen=True):
    """Result of a sweep, and whether store jobs are due."""

    lapsed: int
    expired: int
    jobs_due: bool


def sweep() -> Swept:
    """Sweep once. Sweeps may run concurrently: one conditional UPDATE decides each draft."""
    lapsed = sockets.close_lapsed()
    polling.reap_idle()
    keeping.honour_all()
    s_ms = clock.service_now()
    polling.tell_colleagues(s_ms)
    circuit_breaker.check(s_ms)
    due = _overdue(s_ms).order_by("deadline_ms").values_list("pk", flat=True)
    expired = sum(_expire_alone(draft_id) for draft_id in list(due[:BATCH]))
    jobs_due = StoreJob.objects.filter(dead=False, not_before_ms__lte=s_ms).exists()
    return Swept(lapsed, expired, jobs_due)


def _overdue(s_ms: int) -> QuerySet[Draft]:
    """Select drafts whose grace is over at S = `s_ms`, unless their owner keeps them or a freeze holds them."""
    due = Draft.objects.filter(state=DraftState.GRACE, deadline_ms__lte=horizon(circuit_breaker.state(), s_ms))
    return due.exclude(keep_until_ms__gt=s_ms)


def garbage_collect() -> None:
    """Delete rows, spools and previews that are no longer needed, and end idle drafts.

    A spool without a row is left by a process killed between receiving bytes over HTTP and writing their row. Rows of
    ended drafts are kept for `KEPT_DAYS`, so that a late tab learns what happened to its draft.
    """
    a_day_ago = clock.service_now() - DAY_MS
    Process.objects.filter(lease_ms__lt=a_day_ago).delete()
    Socket.objects.filter(closed_ms__lt=a_day_ago).delete()
    disconnections.purge_old()
    idle.expire_idle()
    IdempotencyRecord.objects.exclude(draft__state__in=states.LIVE).delete()
    strays = spool.strays(STRAY_SECONDS)
    needed = File.objects.filter(pk__in=strays, state__in=states.SPOOLED)
    for file_id in strays - set(needed.values_list("pk", flat=True)):
        spool.drop(file_id)
    _delete_previews()
    kept_text.erase_overdue()
    kept_text.erase_beyond_limit()
    long_ago = timezone.now() - timedelta(days=max(KEPT_DAYS, upload_settings().text_kept_days))
    for draft in Draft.objects.filter(state=DraftState.EXPIRED, ended_at__lt=long_ago)[:BATCH]:
        draft.files.all().delete()
        draft.delete()


def _delete_previews() -> None:
    """Delete the previews of deleted files."""
    kept = preview_cache.ids(spool.previews())
    gone = (FileState.DELETING, FileState.DELETED)
    shown = File.objects.filter(pk__in=kept).exclude(state__in=gone).values_list("pk", flat=True)
    preview_cache.forget(spool.previews(), kept - set(shown))


def _expire_alone(draft_id: UUID) -> bool:
    """Expire the draft. A failure leaves it unchanged and does not stop the other drafts."""
    try:
        return _expire(draft_id)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("draft %s could not be expired", draft_id)
        return False


def _expire(draft_id: UUID) -> bool:
    """Expire the draft unless a reconnect, a commit or another sweeper came first."""
    with transaction.atomic():
        s_ms = clock.service_now()
        overdue = _overdue(s_ms).filter(pk=draft_id)
        # A locked draft is being saved or reconnected; waiting for it would stop the heartbeat.
        if overdue.select_for_update(skip_locked=True).first() is None:
            return False
        if not overdue.update(revision=F("revision") + 1):
            return False
        draft = Draft.objects.get(pk=draft_id)
        disconnections.record_expiry(draft, s_ms)
        lifecycle.end(draft, DraftEvent.OVERDUE, reason="grace")
    return True
