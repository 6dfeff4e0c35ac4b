"""What each kind of store job does to the store and to the rows."""

from __future__ import annotations

import hashlib

from django.db import transaction

from uploads import event_log, spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileEvent, FileState
from uploads.drafts import lifecycle
from uploads.images import checker
from uploads.jobs.file_rows import DELETED, advance_live, announce, destroy_if_unwanted, lock_draft, relocate
from uploads.jobs.queue import finish
from uploads.models import File, StoreJob
from uploads.stores import account
from uploads.stores.base import Promoted, Promotes, Receipt, StoreError
from uploads.stores.enqueue import destroy_jobs, enqueue
from uploads.stores.registry import breaker
from uploads.stores.registry import store as current_store
from uploads.transitions import move


def _put(job: StoreJob) -> None:
    file = job.file
    path = spool.latest(file.pk)
    if file.state not in (FileState.CHECKING, FileState.STORING):
        finish(job)
        return
    if path is None:
        raise Refusal(Code.SERVER_ERROR, "The bytes of this image were lost on the server. Retry to send it again.")
    clean = spool.clean_path(file.pk)
    # Checked by a server that cleaned nothing, or elsewhere: then it is made again, the same.
    if file.state == FileState.CHECKING or not clean.exists():
        limits, owner = account.limits(), file.draft.owner_id
        facts = checker.check(path, file.content_type, limits.max_pixels, clean, owner=owner, limits=limits.image)
        if file.state == FileState.CHECKING and not advance_live(
            file, FileEvent.CHECKED, width=facts.width, height=facts.height, taken_at=facts.taken_at
        ):
            finish(job)
            return
    if not announce(file, FileState.STORING):
        finish(job)
        return
    with clean.open("rb") as content:
        size, sha256 = clean.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        with breaker().watched() as store:
            receipt = store.put(job.key, content, file.content_type)
    if _put_answered(job, receipt=receipt, store_name=store.name, stored_size=size, stored_sha256=sha256):
        spool.drop(file.pk)


def _put_answered(job: StoreJob, **facts: int | str | Receipt) -> bool:
    """The store has the object: whether the file is STORED by that."""
    file = job.file
    with transaction.atomic():
        stored = advance_live(file, FileEvent.PUT, **facts)
        if not stored:
            destroy_if_unwanted(file, job.key)
        # Nothing can come late any more, unless another try, of this job or an earlier one, was not answered.
        if finish(job) and stored and file.put_in_flight_until_ms is None:
            File.objects.filter(pk=file.pk).update(put_in_flight_until_ms=None)
    return stored


def _check_store(file: File) -> None:
    """Raises `StoreError` for a file that another store has: this one would rightly say that there is no such object.

    A delete would be done by that, and the object left for ever; once the site has its store back, everything goes on.
    """
    name = current_store().name
    if file.store_name not in ("", name):
        raise StoreError(f"its object is in another store: {file.store_name}, not {name}", answered=True)


def _promote(job: StoreJob) -> None:
    file = job.file
    _check_store(file)
    promoted: Promoted | None = None
    if announce(file, FileState.LINKED):
        with breaker().watched() as store:
            if not isinstance(store, Promotes):
                raise StoreError("promote: this store cannot")
            promoted = store.promote(file.store_key, job.key, file.receipt)
    with transaction.atomic():
        lock_draft(file)
        if promoted and relocate(file, promoted):
            enqueue(_source_cleanup_jobs(file, promoted))
        elif File.objects.filter(pk=file.pk, state__in=DELETED).exists():
            # Twice where an earlier try was not answered: its copy may land after the first delete.
            enqueue(destroy_jobs(file, job.key))
        if finish(job) and file.put_in_flight_until_ms is None:
            File.objects.filter(pk=file.pk).update(put_in_flight_until_ms=None)
    # A writer that was opened late, for a socket that was gone, leaves a spool behind the put that emptied it.
    spool.drop(file.pk)


def _source_cleanup_jobs(file: File, promoted: Promoted) -> list[StoreJob]:
    """The jobs that take the temp object of a promoted file away, unless that would be for nothing.

    It is when the object itself was moved, and no call that was not answered may yet make another one there.
    """
    if promoted.key == file.store_key or (promoted.left and file.put_in_flight_until_ms is None):
        return []
    return destroy_jobs(file, file.store_key)


def _destroy(job: StoreJob) -> None:
    if job.file.state not in DELETED and job.file.store_key == job.key:
        # No code writes such a job. Should there ever be one: better an orphan than a hole in a product.
        event_log.alarm("destroy_refused", job.file.draft_id, job=job.pk, file=str(job.file_id))
        finish(job)
        return
    _check_store(job.file)
    with breaker().watched() as store:
        store.destroy(job.key)
    if job.file.state == FileState.DELETING:
        spool.drop(job.file_id)
    with transaction.atomic():
        lock_draft(job.file)
        move(File.objects.filter(pk=job.file_id, store_key=job.key), FileEvent.DESTROYED)
        finish(job)
        lifecycle.close_when_empty(job.file.draft_id)


EFFECTS = {
    StoreJob.Kind.PUT: _put,
    StoreJob.Kind.PROMOTE: _promote,
    StoreJob.Kind.DESTROY: _destroy,
    StoreJob.Kind.DESTROY_RETRY: _destroy,
}
