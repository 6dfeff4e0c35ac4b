"""Store jobs: claiming the next one, carrying it out, and writing down what came of it.

A job is one idempotent effect. It is claimed for the lifetime of the claimer's lease, so a killed
process strands nothing; jobs of one file run one at a time in the order they were written. How often
and after what pause a job is tried again stands in `uploads.stores.retry`; a store that is known to be
down is left alone (`uploads.stores.breaker`).
"""

from __future__ import annotations

import hashlib
import logging
import random
import time
from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from uploads import event_log, signals, spool
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileEvent, FileState
from uploads.drafts import lifecycle
from uploads.grace import clock
from uploads.images import checker
from uploads.models import Draft, File, StoreJob
from uploads.stores import account, breaker, retry
from uploads.stores.addresses import lasting_url
from uploads.stores.base import Promoted, Promotes, Receipt, StoreError
from uploads.stores.breaker_rules import MAX_WAIT_MS
from uploads.stores.registry import store as store_in_force
from uploads.transitions import advance, move

logger = logging.getLogger("uploads.jobs.runner")

_DELETED = (FileState.DELETING, FileState.DELETED)


def claim(process_id: UUID, only: Collection[UUID] | None = None) -> StoreJob | None:
    """The next due job (of the files `only`), claimed by the process; None when there is none.

    None as well while the breaker is open: the jobs stay due and lose no try.
    """
    if breaker.is_open():
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
        # Read here: after the transaction the claim may be another's, and would pass for ours.
        claimed = StoreJob.objects.select_related("file__draft").get(pk=job.pk)
    breaker.begin()
    return claimed


def give_back(process_id: UUID, running: Collection[int]) -> int:
    """Free the claims of the process on jobs it does not run; return how many.

    A claim whose answer was lost is held by a living process that does not know of it: for ever, otherwise.
    """
    return StoreJob.objects.filter(claimed_by=process_id).exclude(pk__in=running).update(claimed_by=None)


def run(job: StoreJob) -> None:
    """Carry out a claimed job. A store that fails leaves it to be tried again; a bug is logged likewise."""
    try:
        _RUNNERS[StoreJob.Kind(job.kind)](job)
    except Refusal as refusal:
        reject(job, refusal)
    except StoreError as error:
        if error.refused is not None and job.kind == StoreJob.Kind.PUT:
            reject(job, Refusal(error.refused))
        else:
            try_later(job, str(error), wait_ms=error.wait_ms or 0, blameless=error.operator)
    except Exception:
        logger.exception("store job %s failed", job.pk)
        try_later(job, "internal error")


def run_for(files: Collection[UUID], process_id: UUID, seconds: float) -> None:
    """Carry out what is due for `files`, for at most `seconds` before the last one is begun."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (job := claim(process_id, files)) is not None:
        run(job)


def _put(job: StoreJob) -> None:
    file = job.file
    path = spool.latest(file.pk)
    if file.state not in (FileState.CHECKING, FileState.STORING):
        _done(job)
        return
    if path is None:
        raise Refusal(Code.SERVER_ERROR, "The bytes of this image were lost on the server. Retry to send it again.")
    clean = spool.clean_path(file.pk)
    # Checked by a server that cleaned nothing, or elsewhere: then it is made again, the same.
    if file.state == FileState.CHECKING or not clean.exists():
        facts = checker.check(path, file.content_type, account.limits().max_pixels, clean)
        if file.state == FileState.CHECKING and not _move(
            file, FileEvent.CHECKED, width=facts.width, height=facts.height, taken_at=facts.taken_at
        ):
            _done(job)
            return
    if not _announce(file, FileState.STORING):
        _done(job)
        return
    with clean.open("rb") as content:
        size, sha256 = clean.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        with breaker.watched() as store:
            receipt = store.put(job.key, content, file.content_type)
    if _put_answered(job, receipt=receipt, store_name=store.name, stored_size=size, stored_sha256=sha256):
        spool.drop(file.pk)


def _put_answered(job: StoreJob, **facts: int | str | Receipt) -> bool:
    """The store has the object: whether the file is STORED by that."""
    file = job.file
    with transaction.atomic():
        stored = _move(file, FileEvent.PUT, **facts)
        if not stored:
            _destroy_if_unwanted(file, job.key)
        # Nothing can come late any more, unless another try, of this job or an earlier one, was not answered.
        if _done(job) and stored and file.put_until_ms is None:
            File.objects.filter(pk=file.pk).update(put_until_ms=None)
    return stored


def _announce(file: File, state: FileState) -> bool:
    """Note that an object may appear from now on, whether or not anybody hears of it; False unless it is in `state`.

    `file` keeps what was noted before. Under the draft's lock, so that a delete decided at this moment knows.
    """
    with transaction.atomic():
        _lock_draft(file)
        until_ms = clock.service_now() + retry.LATE_MS
        return bool(File.objects.filter(pk=file.pk, state=state).update(put_until_ms=until_ms))


def _check_place(file: File) -> None:
    """Raises `StoreError` for a file that another store has: this one would rightly say that there is no such object.

    A delete would be done by that, and the object left for ever; once the site has its store back, everything goes on.
    """
    name = store_in_force().name
    if file.store_name not in ("", name):
        raise StoreError(f"its object is in another store: {file.store_name}, not {name}", answered=True)


def _promote(job: StoreJob) -> None:
    file = job.file
    _check_place(file)
    promoted: Promoted | None = None
    if _announce(file, FileState.LINKED):
        with breaker.watched() as store:
            if not isinstance(store, Promotes):
                raise StoreError("promote: this store cannot")
            promoted = store.promote(file.store_key, job.key, file.receipt)
    with transaction.atomic():
        _lock_draft(file)
        linked = File.objects.filter(pk=file.pk)
        if promoted and move(linked, FileEvent.PROMOTED, store_key=promoted.key, receipt=promoted.receipt):
            signals.file_promoted.send(None, file=file.pk, url=lasting_url(file, promoted.key, promoted.receipt))
            lifecycle.write_jobs(_left_behind(file, promoted))
        elif File.objects.filter(pk=file.pk, state__in=_DELETED).exists():
            # Twice where an earlier try was not answered: its copy may land after the first delete.
            lifecycle.write_jobs(lifecycle.destroy_jobs(file, job.key))
        if _done(job) and file.put_until_ms is None:
            File.objects.filter(pk=file.pk).update(put_until_ms=None)
    # A writer that was opened late, for a socket that was gone, leaves a spool behind the put that emptied it.
    spool.drop(file.pk)


def _left_behind(file: File, promoted: Promoted) -> list[StoreJob]:
    """The jobs that take the temp object of a promoted file away, unless that would be for nothing.

    It is when the object itself was moved, and no call that was not answered may yet make another one there.
    """
    if promoted.key == file.store_key or (promoted.left and file.put_until_ms is None):
        return []
    return lifecycle.destroy_jobs(file, file.store_key)


def _destroy_if_unwanted(file: File, key: str) -> None:
    """The file was deleted while its object was being written, perhaps after the delete ran: it goes again.

    Only then: another runner of the same job may have made this very object the permanent one.
    """
    if File.objects.filter(pk=file.pk, state__in=_DELETED).exists():
        again = StoreJob(kind=StoreJob.Kind.DESTROY, file=file, key=key, not_before_ms=clock.service_now())
        lifecycle.write_jobs([again])


def _destroy(job: StoreJob) -> None:
    if job.file.state not in _DELETED and job.file.store_key == job.key:
        # No code writes such a job. Should there ever be one: better an orphan than a hole in a product.
        event_log.alarm("destroy_refused", job.file.draft_id, job=job.pk, file=str(job.file_id))
        _done(job)
        return
    _check_place(job.file)
    with breaker.watched() as store:
        store.destroy(job.key)
    if job.file.state == FileState.DELETING:
        spool.drop(job.file_id)
    with transaction.atomic():
        _lock_draft(job.file)
        move(File.objects.filter(pk=job.file_id, store_key=job.key), FileEvent.DESTROYED)
        _done(job)
        lifecycle.close_when_empty(job.file.draft_id)


_RUNNERS = {
    StoreJob.Kind.PUT: _put,
    StoreJob.Kind.PROMOTE: _promote,
    StoreJob.Kind.DESTROY: _destroy,
    StoreJob.Kind.DESTROY_AGAIN: _destroy,
}


def _lock_draft(file: File) -> None:
    """Lock the draft row first, as everybody does; not changed, for no tab shows anything else after this."""
    Draft.objects.select_for_update().filter(pk=file.draft_id).first()


def _move(file: File, event: FileEvent, **facts: int | str | datetime | Receipt | None) -> bool:
    """Move the file of a live draft by `event`; False when the draft or the file went another way meanwhile."""
    with transaction.atomic():
        live = Draft.objects.filter(pk=file.draft_id, state__in=states.LIVE)
        if live.select_for_update().first() is None:
            return False
        if not advance(file, event, **facts):
            # Nothing changed: a revision without news would make every tab ask for it.
            return False
        live.update(revision=F("revision") + 1)
        lifecycle.tell_tabs(file.draft_id)
    return True


def _ours(job: StoreJob) -> QuerySet[StoreJob]:
    """The job's row while this claim on it holds: a runner that was taken for dead changes nothing."""
    return StoreJob.objects.filter(pk=job.pk, claimed_by=job.claimed_by_id)


def _done(job: StoreJob) -> bool:
    """The job is over; False when its claim was another's by then."""
    deleted, _ = _ours(job).delete()
    return bool(deleted)


def reject(job: StoreJob, refusal: Refusal) -> None:
    """The file cannot be stored: say so on the file, and forget its bytes unless a retry can use them."""
    with transaction.atomic():
        facts = {"error_code": refusal.code, "error_message": refusal.message[:300]}
        if _move(job.file, FileEvent.REJECT, **facts) and not refusal.retryable:
            transaction.on_commit(partial(spool.drop, job.file_id))
        _done(job)


def try_later(job: StoreJob, error: str, *, wait_ms: int = 0, blameless: bool = False) -> None:
    """Free the job for another try after a pause; a put that failed too often is the user's, others an operator's.

    The pause is at least `wait_ms`. A `blameless` failure, of a store that lets nobody in, is alarmed and costs no try.
    """
    attempts = job.attempts
    if blameless:
        event_log.alarm("store_refuses_us", None, job=job.pk, kind=job.kind, error=error[:300])
        again = clock.service_now() + wait_ms
        _ours(job).update(claimed_by=None, not_before_ms=again, attempts=F("attempts") - 1, error=error[:300])
        return
    if job.kind == StoreJob.Kind.PUT and attempts >= retry.MAX_PUTS:
        reject(job, Refusal(Code.STORE_UNAVAILABLE))
        return
    dead = attempts >= retry.MAX_ATTEMPTS
    logger.warning("store job %s (%s, file %s) failed %d times: %s", job.pk, job.kind, job.file_id, attempts, error)
    pause = max(retry.pause_ms(attempts, random.random()), min(wait_ms, MAX_WAIT_MS))  # noqa: S311 - jitter, no secret
    freed = _ours(job).update(claimed_by=None, not_before_ms=clock.service_now() + pause, dead=dead, error=error[:300])
    if freed and dead:
        file, said = str(job.file_id), error[:300]
        event_log.alarm(
            "job_died", job.file.draft_id, job=job.pk, kind=job.kind, file=file, attempts=attempts, error=said
        )


def troubled() -> QuerySet[StoreJob]:
    """The jobs that failed so far, the dead first and the oldest of each first."""
    return StoreJob.objects.exclude(error="").select_related("file__draft__owner").order_by("-dead", "pk")


def take_up(jobs: QuerySet[StoreJob]) -> int:
    """Make `jobs` due now, with all their tries before them; return how many. One that is running goes on."""
    taken = jobs.filter(claimed_by=None).update(dead=False, attempts=0, not_before_ms=clock.service_now())
    transaction.on_commit(partial(signals.jobs_written.send_robust, None))
    return taken
