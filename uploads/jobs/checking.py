"""Check the received bytes of a file, once, and record what they are."""

from __future__ import annotations

from django.db import transaction

from uploads import spool
from uploads.core import file_types, names, room
from uploads.core.errors import Code, Refusal
from uploads.core.limits import CONTENT_TYPES
from uploads.core.states import FileEvent, FileState
from uploads.images import checker
from uploads.images.checker import ImageFacts
from uploads.images.stripper import Copy
from uploads.jobs.file_rows import advance_live
from uploads.models import File, StoreJob
from uploads.stores import account
from uploads.stores.registry import small_widths


def checked(job: StoreJob) -> Copy | None:
    """Return the checked copy to store, checking it now if needed; None if the file has moved on. Raises `Refusal`."""
    file = job.file
    # A server of the previous version recorded no hash, and one with another disk left no copy here.
    if file.state == FileState.STORING and file.stored_sha256 and spool.clean_path(file.pk).exists():
        return Copy(file.stored_size or 0, file.stored_sha256)
    facts = _check(file)
    if file.state == FileState.CHECKING and not _record(job, facts):
        return None
    return facts.copy


def _record(job: StoreJob, facts: ImageFacts) -> bool:
    """Record the facts, and name the file and its object by their content type. False if the file has moved on."""
    file = job.file
    content_type = file_types.named_as(file.content_type, facts.content_type)
    name, key = file_types.named(file.name, content_type), file.store_key
    if file.put_in_flight_until_ms is None:
        # No object has this key, and no unanswered put can create one.
        key = names.renamed_key(key, CONTENT_TYPES[content_type])
    with transaction.atomic():
        recorded = advance_live(
            file,
            FileEvent.CHECKED,
            name=name,
            content_type=content_type,
            store_key=key,
            width=facts.width,
            height=facts.height,
            taken_at=facts.taken_at,
            stored_size=facts.copy.size,
            stored_sha256=facts.copy.sha256,
        )
        if recorded:
            StoreJob.objects.filter(pk=job.pk).update(key=key)
    if recorded:
        file.name, file.content_type, file.store_key, job.key = name, content_type, key, key
    return recorded


def _check(file: File) -> ImageFacts:
    """Check the received bytes. Raises `Refusal`; drops bytes that differ from those received."""
    path = spool.latest(file.pk)
    try:
        if path is None:
            raise Refusal(Code.CHECKSUM_MISMATCH)
        # The copies, and the objects of a store on the same disk.
        widths = small_widths()
        spool.require_room(2 * (file.size + (room.SMALL_BYTES if widths else 0)))
        limits = account.effective_limits()
        return checker.check(
            *(path, file.sha256, limits.max_pixels, spool.clean_path(file.pk)),
            small=spool.small_paths(file.pk, widths),
            owner=file.draft.owner_id,
            limits=limits.image,
        )
    except Refusal as refusal:
        if refusal.code is not Code.CHECKSUM_MISMATCH:
            raise
        # A stale or hostile writer, or the disk: these are not the bytes that `finish` hashed.
        spool.drop(file.pk)
        raise Refusal(
            Code.SERVER_ERROR, "The bytes of this image were lost on the server. Retry to send it again."
        ) from refusal
