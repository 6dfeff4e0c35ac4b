"""Write store jobs in the transaction that decides on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction

from uploads import signals
from uploads.grace import clock
from uploads.models import File, Process, StoreJob
from uploads.stores.retry import LATE_MS


def destroy_jobs(file: File, key: str) -> list[StoreJob]:
    """Return the jobs that destroy the object `key` of `file`: now, and again later if it may land after that.

    A put or promotion that timed out, or whose process was killed, may still be on its way to the store.
    """
    s_ms = clock.service_now()
    due = {StoreJob.Kind.DESTROY: s_ms}
    if file.put_in_flight_until_ms is not None and file.put_in_flight_until_ms > s_ms:
        due[StoreJob.Kind.DESTROY_RETRY] = s_ms + LATE_MS
    return [StoreJob(kind=kind, file=file, key=key, not_before_ms=not_before) for kind, not_before in due.items()]


def enqueue(jobs: Sequence[StoreJob]) -> None:
    """Write store jobs in the caller's transaction and wake their runners after it."""
    StoreJob.objects.bulk_create(jobs)
    transaction.on_commit(partial(signals.jobs_written.send_robust, None))


def enqueue_put(file: File, acquired_by: Process | None = None) -> StoreJob:
    """Write the job that checks and stores `file`, in the caller's transaction; `acquired_by` runs it at once."""
    job = StoreJob(
        kind=StoreJob.Kind.PUT,
        file=file,
        key=file.store_key,
        not_before_ms=clock.service_now(),
        acquired_by=acquired_by,
        attempts=0 if acquired_by is None else 1,
    )
    enqueue([job])
    return job
