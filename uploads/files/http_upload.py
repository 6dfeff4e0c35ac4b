"""HTTP uploads: one whole file in one request, through the same pipeline as a file sent over a socket."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from msgspec import Struct
from msgspec.structs import replace

from uploads import spool
from uploads.core import file_types
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import lifecycle, lists
from uploads.files import admission, operations
from uploads.images import checker
from uploads.jobs import runner
from uploads.models import File, Process, StoreJob
from uploads.presence import sockets
from uploads.stores.addresses import app_url
from uploads.stores.enqueue import enqueue_put
from uploads.stores.registry import breaker, small_widths


class AcceptedFile(Struct, frozen=True):
    """A file stored by one HTTP request. `public_id` is its object's key in the store."""

    draft_id: UUID
    file: UUID
    url: str
    public_id: str
    name: str
    sequence: int


def accept(
    draft_id: UUID,
    user: User,
    upload: UploadedFile[Any],
    list_name: tuple[str, str | None],
    sequence: int | None,
) -> AcceptedFile:
    """Check and store `upload` in the list ``(file_type, variant_temp_id)``, at its end or where `sequence` ranks it.

    A `sequence` stays with the file, so parallel uploads end up in the order of theirs, whichever finishes first.
    Raises `Refusal`: ``too_fast``, the codes of the limits and of image checks; ``store_unavailable`` leaves nothing
    behind.
    """
    admission.count_add(user.pk)
    file_id, size = uuid4(), int(upload.size or 0)
    request = operations.UploadRequest(
        id=file_id,
        name=upload.name or "",
        size=size,
        content_type=file_types.UNNAMED,  # until the check determines the type
        file_type=list_name[0],
        variant_temp_id=list_name[1],
    )
    limits = admission.check(request.name, size, request.content_type, files=0, total_bytes=0)
    # Room is reserved with the row, after the check. Until then, spooled bytes must not take room reserved by others.
    spool.require_room(size)
    if breaker().is_open():
        raise Refusal(Code.STORE_UNAVAILABLE)
    try:
        sha256 = _spool(file_id, upload, size)
        facts = checker.check(
            *(spool.path_of(file_id, 1), sha256, limits.max_pixels, spool.clean_path(file_id)),
            small=spool.small_paths(file_id, small_widths()),
            owner=user.pk,
            limits=limits.image,
        )
        with sockets.temporary_worker() as process:
            job = _receive(draft_id, user, request, facts, sha256, sequence, process)
            runner.run(job)
    except BaseException:
        spool.drop(file_id)
        raise
    lifecycle.renew(draft_id)
    return _accepted(draft_id, user, file_id)


def _spool(file_id: UUID, upload: UploadedFile[Any], size: int) -> str:
    """Copy the upload into the spool and return its SHA-256."""
    writer = spool.Writer(file_id, 1, size)
    try:
        for part in upload.chunks():
            writer.write(writer.offset, memoryview(part))
        return writer.digest()
    finally:
        writer.close()


def _receive(
    draft_id: UUID,
    user: User,
    request: operations.UploadRequest,
    facts: checker.ImageFacts,
    sha256: str,
    sequence: int | None,
    process: Process,
) -> StoreJob:
    """Write the file's row, already checked, and its put job, already acquired by us."""
    name = file_types.named(request.name, facts.content_type)
    found = replace(request, name=name, content_type=facts.content_type)
    with lifecycle.changing(draft_id, user) as draft:
        key = lists.list_key(draft, request.file_type, request.variant_temp_id)
        file = operations.create(draft, found, FileState.STORING)
        File.objects.filter(pk=file.pk).update(
            sha256=sha256,
            width=facts.width,
            height=facts.height,
            taken_at=facts.taken_at,
            stored_size=facts.copy.size,
            stored_sha256=facts.copy.sha256,
            writer_epoch=1,
            asked_rank=sequence,
        )
        lists.put_ranked(draft, file.pk, key, sequence)
        job = enqueue_put(file, acquired_by=process)
    return StoreJob.objects.select_related("file__draft").get(pk=job.pk)


def _accepted(draft_id: UUID, user: User, file_id: UUID) -> AcceptedFile:
    file = File.objects.get(pk=file_id)
    if file.state in (FileState.STORING, FileState.REJECTED):
        operations.remove(draft_id, user, file_id)
        # The store may have refused this image permanently.
        raise Refusal(Code(file.error_code or Code.STORE_UNAVAILABLE), file.error_message)
    if file.state in (FileState.DELETING, FileState.DELETED):
        with lifecycle.changing(draft_id, user):
            raise Refusal(Code.FILE_NOT_FOUND)
    return AcceptedFile(draft_id, file.pk, app_url(file.pk), file.store_key, file.name, file.sequence)
