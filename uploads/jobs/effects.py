"""What each kind of store job does to the store and to the rows."""

from __future__ import annotations

import hashlib

from django.db import transaction

from uploads import event_log, spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileEvent, FileState
from uploads.drafts import lifecycle
from uploads.images import checker
from uploads.images.checker import ImageFacts
from uploads.images.stripper import Copy
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
    if file.state not in (FileState.CHECKING, FileState.STORING):
        finish(job)
        return
    copy = _checked(file)
    if copy is None or not announce(file, FileState.STORING):
        finish(job)
        return
    path = spool.clean_path(file.pk)
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != copy.sha256:
            # Made again by another version of this program, or the disk is failing: made again by the next try.
            path.unlink()
            raise StoreError("put: the copy is not the one that was checked", answered=True)
        content.seek(0)
        with breaker().watched() as store:
            receipt = store.put(job.key, content, file.content_type)
    if _put_answered(job, receipt=receipt, store_name=store.name, stored_size=copy.size, stored_sha256=copy.sha256):
        spool.drop(file.pk)


def _checked(file: File) -> Copy | None:
    """The copy to store, checked before or now; None if the file has moved on. Raises `Refusal`."""
    # A server of the version before wrote down no hash, and one with another disk left no copy here.
    if file.state == FileState.STORING and file.stored_sha256 and spool.clean_path(file.pk).exists():
        return Copy(file.stored_size or 0, file.stored_sha256)
    facts = _check(file)
    if file.state == FileState.CHECKING and not advance_live(
        file,
        FileEvent.CHECKED,
        width=facts.width,
        height=facts.height,
        taken_at=facts.taken_at,
        stored_size=facts.copy.size,
        stored_sha256=facts.copy.sha256,
    ):
        return None
    return facts.copy


def _check(file: File) -> ImageFacts:
    """Check the received bytes. Raises `Refusal`; bytes that are not those that were received are dropped."""
    path = spool.latest(file.pk)
    try:
        if path is None:
            raise Refusal(Code.CHECKSUM_MISMATCH)
        # The copy, and the object of a store on the same disk.
        spool.require_room(2 * file.size)
        limits = account.limits()
        return checker.check(
            *(path, file.sha256, file.content_type, limits.max_pixels, spool.clean_path(file.pk)),
            owner=file.draft.owner_id,
            limits=limits.image,
        )
    except Refusal as refusal:
        if refusal.code is not Code.CHECKSUM_MISMATCH:
            raise
        # A stale or hostile writer, or the disk: whatever lies here now, it is not what `finish` was told of.
        spool.drop(file.pk)
        raise Refusal(
            Code.SERVER_ERROR, "The bytes of this image were lost on the server. Retry to send it again."
        ) from refusal


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
