"""The queue of store jobs: acquire, release, finish, list failing jobs, requeue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from uploads import signals
from uploads.grace import clock
from uploads.models import StoreJob
from uploads.stores.registry import breaker

PUT = StoreJob.Kind.PUT
PUTS_PER_OWNER = 3
"""Puts of one user that a process runs at a time: one slot always stays free for other users."""


def acquire(process_id: UUID, only: Collection[UUID] | None = None) -> StoreJob | None:
    """Assign the next due job (of the files `only`) to the process and return it; None if there is none.

    Images of users with fewer at work come first. None as well while the circuit breaker is open: the jobs stay due and
    lose no attempt.
    """
    if breaker().is_open():
        return None
    with transaction.atomic():
        s_ms = clock.service_now()
        # A delete that is only waiting to be repeated blocks no other job.
        before = StoreJob.objects.exclude(kind=StoreJob.Kind.DESTROY_RETRY)
        earlier = before.filter(file=OuterRef("file"), pk__lt=OuterRef("pk"), dead=False)
        free = Q(acquired_by=None) | Q(acquired_by__lease_ms__lt=s_ms)
        due = StoreJob.objects.filter(~Exists(earlier), free, dead=False, not_before_ms__lte=s_ms)
        if only is not None:
            due = due.filter(file__in=only)
        at_work = _puts_at_work(process_id)
        full = [owner for owner, count in at_work.items() if count >= PUTS_PER_OWNER]
        of_owner = [When(kind=PUT, file__draft__owner=owner, then=count) for owner, count in at_work.items()]
        due = due.exclude(kind=PUT, file__draft__owner__in=full)
        # Longest waiting first, so that a job that always fails cannot be every probe of the breaker.
        order: list[Case | str] = ["not_before_ms", "pk"]
        if of_owner:
            # Without a case it would be a bare 0, which PostgreSQL takes for a column's position.
            order.insert(0, Case(*of_owner, default=0))
        job = due.select_for_update(skip_locked=True, of=("self",)).order_by(*order).first()
        if job is None:
            return None
        StoreJob.objects.filter(pk=job.pk).update(acquired_by=process_id, attempts=F("attempts") + 1)
        # Read inside the transaction: afterwards another process may own the job, and its row would pass for ours.
        acquired = StoreJob.objects.select_related("file__draft").get(pk=job.pk)
    breaker().begin()
    return acquired


def _puts_at_work(process_id: UUID) -> Counter[int]:
    """Count the images of each user that the process is checking and storing."""
    puts = StoreJob.objects.filter(acquired_by=process_id, kind=PUT, file__draft__owner__isnull=False)
    return Counter(puts.values_list("file__draft__owner", flat=True))


def release_lost(process_id: UUID, running: Collection[int]) -> int:
    """Release the jobs that the process owns but does not run; return how many.

    If the answer to an `acquire` was lost, a live process would own the job forever without knowing it.
    """
    return StoreJob.objects.filter(acquired_by=process_id).exclude(pk__in=running).update(acquired_by=None)


def owned(job: StoreJob) -> QuerySet[StoreJob]:
    """Select the job's row while its process still owns it, so that a runner presumed dead changes nothing."""
    return StoreJob.objects.filter(pk=job.pk, acquired_by=job.acquired_by_id)


def finish(job: StoreJob) -> bool:
    """Delete the finished job. False if another process has since acquired it."""
    deleted, _ = owned(job).delete()
    return bool(deleted)


def failing() -> QuerySet[StoreJob]:
    """Failing jobs: dead ones first, oldest first."""
    return StoreJob.objects.exclude(error="").select_related("file__draft__owner").order_by("-dead", "pk")


def requeue(jobs: QuerySet[StoreJob]) -> int:
    """Make `jobs` due now with a fresh set of attempts; return how many. A running job is left alone."""
    taken = jobs.filter(acquired_by=None).update(dead=False, attempts=0, not_before_ms=clock.service_now())
    transaction.on_commit(partial(signals.jobs_written.send_robust, None))
    return taken
