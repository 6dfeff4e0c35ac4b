"""Run store jobs and record the outcome.

A job is one idempotent effect (`effects`). A process owns it (`queue`) for as long as its lease holds, so a killed
process strands nothing; jobs of one file run one at a time in the order they were written. `uploads.stores.retry`
says how often and after what pause a job is retried; a store known to be down is left alone (`uploads.stores.breaker`).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F

from uploads import event_log, spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileEvent
from uploads.grace import clock
from uploads.jobs.effects import EFFECTS
from uploads.jobs.file_rows import advance_live
from uploads.jobs.queue import acquire, finish, owned
from uploads.models import StoreJob
from uploads.stores import retry
from uploads.stores.base import StoreError
from uploads.stores.breaker_rules import MAX_WAIT_MS

logger = logging.getLogger("uploads.jobs")


def run(job: StoreJob) -> None:
    """Run an acquired job. A failure of the store or a bug (logged) leaves the job to be retried."""
    try:
        EFFECTS[StoreJob.Kind(job.kind)](job)
    except Refusal as refusal:
        reject(job, refusal)
    except StoreError as error:
        if error.refused is not None and job.kind == StoreJob.Kind.PUT:
            reject(job, Refusal(error.refused))
        else:
            retry_later(job, str(error), wait_ms=error.wait_ms or 0, not_counted=error.operator)
    except Exception:
        logger.exception("store job %s failed", job.pk)
        retry_later(job, "internal error")


def run_for(files: Collection[UUID], process_id: UUID, seconds: float) -> None:
    """Run the due jobs of `files`; start the last one within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (job := acquire(process_id, files)) is not None:
        run(job)


def reject(job: StoreJob, refusal: Refusal) -> None:
    """Reject the file and drop its bytes unless a retry can use them."""
    with transaction.atomic():
        facts = {"error_code": refusal.code, "error_message": refusal.message[:300]}
        if advance_live(job.file, FileEvent.REJECT, **facts) and not refusal.retryable:
            transaction.on_commit(partial(spool.drop, job.file_id))
        finish(job)


def retry_later(job: StoreJob, error: str, *, wait_ms: int = 0, not_counted: bool = False) -> None:
    """Release the job for another attempt after a pause of at least `wait_ms`.

    After too many failures a put is rejected, for the user to decide, and another job is dead, for an operator. A
    `not_counted` failure (the store accepts no credentials) raises an alarm and costs no attempt.
    """
    attempts = job.attempts
    if not_counted:
        event_log.alarm("store_credentials_refused", None, job=job.pk, kind=job.kind, error=error[:300])
        again = clock.service_now() + wait_ms
        owned(job).update(acquired_by=None, not_before_ms=again, attempts=F("attempts") - 1, error=error[:300])
        return
    if job.kind == StoreJob.Kind.PUT and attempts >= retry.MAX_PUTS:
        reject(job, Refusal(Code.STORE_UNAVAILABLE))
        return
    dead = attempts >= retry.MAX_ATTEMPTS
    logger.warning("store job %s (%s, file %s) failed %d times: %s", job.pk, job.kind, job.file_id, attempts, error)
    pause = max(retry.pause_ms(attempts, random.random()), min(wait_ms, MAX_WAIT_MS))  # noqa: S311 - jitter, no secret
    freed = owned(job).update(acquired_by=None, not_before_ms=clock.service_now() + pause, dead=dead, error=error[:300])
    if freed and dead:
        file, said = str(job.file_id), error[:300]
        event_log.alarm(
            "job_dead", job.file.draft_id, job=job.pk, kind=job.kind, file=file, attempts=attempts, error=said
        )
