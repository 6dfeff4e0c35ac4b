"""The queue of store jobs: who runs which, which are failing, and running them again."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from uploads import signals
from uploads.grace import clock
from uploads.models import StoreJob
from uploads.stores.registry import breaker


def acquire(process_id: UUID, only: Collection[UUID] | None = None) -> StoreJob | None:
    """Assign the next due job (of the files `only`) to the process and return it; None if there is none.

    None as well while the circuit breaker is open: the jobs stay due and lose no attempt.
    """
    if breaker().is_open():
        return None
    with transaction.atomic():
        s_ms = clock.service_now()
        # A delete that only waits to be repeated keeps nobody waiting.
        before = StoreJob.objects.exclude(kind=StoreJob.Kind.DESTROY_AGAIN)
        earlier = before.filter(file=OuterRef("file"), pk__lt=OuterRef("pk"), dead=False)
        free = Q(claimed_by=None) | Q(claimed_by__lease_ms__lt=s_ms)
        due = StoreJob.objects.filter(~Exists(earlier), free, dead=False, not_before_ms__lte=s_ms)
        if only is not None:
            due = due.filter(file__in=only)
        # Who has waited longest first, so that a job that always fails cannot be every probe of the breaker.
        job = due.select_for_update(skip_locked=True, of=("self",)).order_by("not_before_ms", "pk").first()
        if job is None:
            return None
        StoreJob.objects.filter(pk=job.pk).update(claimed_by=process_id, attempts=F("attempts") + 1)
        # Read inside the transaction: afterwards another process may own the job, and its row would pass for ours.
        acquired = StoreJob.objects.select_related("file__draft").get(pk=job.pk)
    breaker().begin()
    return acquired


def release_lost(process_id: UUID, running: Collection[int]) -> int:
    """Release the jobs that the process owns but does not run; return how many.

    If the answer to an `acquire` was lost, a live process would own the job forever without knowing it.
    """
    return StoreJob.objects.filter(claimed_by=process_id).exclude(pk__in=running).update(claimed_by=None)


def owned(job: StoreJob) -> QuerySet[StoreJob]:
    """Select the job's row while its process still owns it, so that a runner presumed dead changes nothing."""
    return StoreJob.objects.filter(pk=job.pk, claimed_by=job.claimed_by_id)


def finish(job: StoreJob) -> bool:
    """Delete the finished job. False if another process has since acquired it."""
    deleted, _ = owned(job).delete()
    return bool(deleted)


def failing() -> QuerySet[StoreJob]:
    """Failing jobs: dead ones first, oldest first."""
    return StoreJob.objects.exclude(error="").select_related("file__draft__owner").order_by("-dead", "pk")


def requeue(jobs: QuerySet[StoreJob]) -> int:
    """Make `jobs` due now with a fresh set of attempts; return how many. A running job is left alone."""
    taken = jobs.filter(claimed_by=None).update(dead=False, attempts=0, not_before_ms=clock.service_now())
    transaction.on_commit(partial(signals.jobs_written.send_robust, None))
    return taken
