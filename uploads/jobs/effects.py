"""The effect of each kind of store job on the store and the rows."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction

from uploads import event_log, spool
from uploads.core import small_pictures
from uploads.core.states import FileEvent, FileState
from uploads.drafts import lifecycle
from uploads.images import preview_cache
from uploads.jobs.checking import checked
from uploads.jobs.file_rows import DELETED, advance_live, announce, destroy_if_unwanted, lock_draft, relocate
from uploads.jobs.queue import finish
from uploads.models import File, StoreJob
from uploads.stores.base import Promoted, Promotes, StoreError
from uploads.stores.enqueue import destroy_jobs, enqueue
from uploads.stores.registry import breaker, current_store, small_widths
from uploads.transitions import move


def _put(job: StoreJob) -> None:
    file = job.file
    if file.state not in (FileState.CHECKING, FileState.STORING):
        finish(job)
        return
    copy = checked(job)
    if copy is None or not announce(file, FileState.STORING):
        finish(job)
        return
    path = spool.clean_path(file.pk)
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != copy.sha256:
            # Written by another version of this program, or the disk is failing; the next attempt makes a new copy.
            path.unlink()
            raise StoreError("put: the copy is not the one that was checked", answered=True)
        content.seek(0)
        with breaker().watched() as store:
            receipt = store.put(job.key, content, file.content_type)
    facts = {"store_name": store.name, "stored_size": copy.size, "stored_sha256": copy.sha256}
    if _record_put(job, receipt=receipt, has_small_pictures=_put_small(job), **facts):
        spool.drop(file.pk)


def _put_small(job: StoreJob) -> bool:
    """Put the small pictures beside the object. Return whether all are there.

    If the store refuses one, the image is stored all the same. Raises `StoreError` if the store fails otherwise.
    """
    try:
        for width in small_pictures.WIDTHS:
            with spool.small_path(job.file_id, width).open("rb") as content, breaker().watched() as store:
                store.put(small_pictures.key(job.key, width), content, small_pictures.CONTENT_TYPE)
    except FileNotFoundError:
        return False
    except StoreError as error:
        if error.refused is None:
            raise
        return False
    return True


def _record_put(job: StoreJob, **facts: Any) -> bool:
    """Record that the store has the object. Return whether the file is STORED as a result."""
    file = job.file
    with transaction.atomic():
        stored = advance_live(file, FileEvent.PUT, **facts)
        if not stored:
            destroy_if_unwanted(file, job.key)
        # No put can land late any more, unless another attempt of this or an earlier job is unanswered.
        if finish(job) and stored and file.put_in_flight_until_ms is None:
            File.objects.filter(pk=file.pk).update(put_in_flight_until_ms=None)
    return stored


def _check_store(file: File) -> None:
    """Raise `StoreError` if the file's object is in another store.

    This store would truthfully answer "no such object", which counts as a completed delete and would orphan the object.
    Jobs resume once the site uses that store again.
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
        file.has_small_pictures = file.has_small_pictures and _promote_small(store, file.store_key, promoted.key)
    with transaction.atomic():
        lock_draft(file)
        if promoted and relocate(file, promoted):
            enqueue(_source_cleanup_jobs(file, promoted))
        elif File.objects.filter(pk=file.pk, state__in=DELETED).exists():
            # Two deletes where an earlier attempt is unanswered: its copy may land after the first one.
            enqueue(destroy_jobs(file, job.key))
        if finish(job) and file.put_in_flight_until_ms is None:
            File.objects.filter(pk=file.pk).update(put_in_flight_until_ms=None)
    # A writer opened late, for a socket already gone, may have created a spool after the put dropped it.
    spool.drop(file.pk)


def _promote_small(store: Promotes, key: str, to: str) -> bool:
    """Promote the small pictures of the object `key` as well. False if they are not all there.

    One that is missing, or that the store rejects, is made again when somebody asks for it: the image itself is
    permanent without it. Raises `StoreError` if the store did not answer.
    """
    if key == to:
        return True
    for width in small_pictures.WIDTHS:
        try:
            with breaker().watched():
                store.promote(small_pictures.key(key, width), small_pictures.key(to, width), {})
        except StoreError as error:
            if not error.answered:
                raise
            return False
    return True


def _source_cleanup_jobs(file: File, promoted: Promoted) -> list[StoreJob]:
    """Return the jobs that delete the temp object of a promoted file; none if no object can be there.

    None are needed if the object itself was moved and no unanswered call may still create another one.
    """
    if promoted.key == file.store_key or (promoted.left and file.put_in_flight_until_ms is None):
        return []
    return destroy_jobs(file, file.store_key)


def _destroy(job: StoreJob) -> None:
    live = [] if job.file.state in DELETED else [job.file.store_key, *small_pictures.keys(job.file.store_key)]
    if job.key in live:
        # No code writes such a job. If one ever appears, an orphan is better than a missing product image.
        event_log.alarm("destroy_refused", job.file.draft_id, job=job.pk, file=str(job.file_id))
        finish(job)
        return
    _check_store(job.file)
    for key in (*_small_of(job), job.key):
        with breaker().watched() as store:
            store.destroy(key)
    if job.file.state == FileState.DELETING:
        spool.drop(job.file_id)
        preview_cache.forget(spool.previews(), {job.file_id})
    with transaction.atomic():
        lock_draft(job.file)
        move(File.objects.filter(pk=job.file_id, store_key=job.key), FileEvent.DESTROYED)
        finish(job)
        lifecycle.close_when_empty(job.file.draft_id)


def _small_of(job: StoreJob) -> list[str]:
    """Return the keys of the small pictures that may be beside the object; only a file that was checked may have any.

    Not only if they are recorded: a put that was not answered may have left them.
    """
    return small_pictures.keys(job.key) if job.file.stored_sha256 and small_widths() else []


EFFECTS = {
    StoreJob.Kind.PUT: _put,
    StoreJob.Kind.PROMOTE: _promote,
    StoreJob.Kind.DESTROY: _destroy,
    StoreJob.Kind.DESTROY_RETRY: _destroy,
}
