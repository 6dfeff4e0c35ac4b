"""The operations on one file of a draft: add, resume, finish, remove, restore, purge, reorder, describe, retry.

Each is one transaction in `uploads.drafts.lifecycle.changing`, and idempotent by the file's id or its `op`. A writer of
a file's bytes holds its `writer_epoch`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Sum
from msgspec import Struct
from msgspec.structs import replace

from uploads import spool
from uploads.conf import upload_settings
from uploads.core import file_types, names, ordering, states
from uploads.core.errors import Code, Refusal
from uploads.core.limits import CONTENT_TYPES
from uploads.core.states import FileEvent, FileState
from uploads.drafts import idempotency, lifecycle, lists
from uploads.files import admission
from uploads.models import Draft, File
from uploads.stores.enqueue import enqueue_put
from uploads.transitions import advance, advance_locked, move


class UploadRequest(Struct, frozen=True, kw_only=True):
    """A new file announced by a client. The client generates `id`; the other fields are checked later."""

    id: UUID
    name: str
    size: int
    content_type: str
    file_type: str = "main_image"
    variant_temp_id: str | None = None
    after: UUID | ordering.Last | None = ordering.LAST


class WriteLease(Struct, frozen=True):
    """The exclusive right to write a file's bytes; `epoch` is None if they are no longer needed."""

    file: UUID
    size: int
    epoch: int | None
    revision: int


def add(draft_id: UUID, user: User, request: UploadRequest, socket_id: UUID | None) -> WriteLease:
    """Add a new file to its list and return the write lease; for a known id, only renew the lease.

    Raises `Refusal`: the codes of the limits, ``file_id_taken``, ``unknown_variant``, ``unknown_position``.
    """
    with lifecycle.changing(draft_id, user) as draft:
        known = File.objects.filter(pk=request.id).first()
        if known is not None:
            if known.draft_id != draft.pk:
                raise Refusal(Code.FILE_ID_TAKEN)
            return _lease(draft, known, socket_id)
        key = lists.list_key(draft, request.file_type, request.variant_temp_id)
        meant = file_types.meant(request.name, request.content_type)
        file = create(draft, replace(request, content_type=meant), FileState.RECEIVING)
        lists.write(draft, ordering.put(lists.read(draft), [file.pk], key, request.after))
        return _lease(draft, file, socket_id)


def create(draft: Draft, request: UploadRequest, state: FileState) -> File:
    """Create the row of a new file of the locked `draft`, which reserves room and an object key.

    Raises `Refusal` with the codes of the limits.
    """
    held = File.objects.filter(draft=draft, state__in=states.VISIBLE)
    total = held.filter(source=None).aggregate(total=Sum("size"))["total"] or 0
    count = held.count()
    admission.check(request.name, request.size, request.content_type, files=count, total_bytes=total)
    if File.objects.filter(draft=draft).count() >= upload_settings().limits.max_added_files:
        # The rows of removed files are kept for as long as their draft.
        raise Refusal(
            Code.TOO_MANY_FILES, "Too many images were added and removed here. Save the product, then continue."
        )
    admission.reserve(draft.owner_id, request.size)
    extension = CONTENT_TYPES[request.content_type]
    return File.objects.create(
        id=request.id,
        draft=draft,
        state=state,
        name=names.display_name(request.name),
        size=request.size,
        content_type=request.content_type,
        file_type=request.file_type,
        variant_temp_id=request.variant_temp_id or "",
        sequence=count,
        store_key=names.object_key(draft.folder, upload_settings().instance, request.id, extension),
    )


def resume(draft_id: UUID, user: User, file_id: UUID, size: int, socket_id: UUID) -> WriteLease:
    """Take over the transfer of a file. Raises `Refusal` (``file_not_found``, ``not_possible``)."""
    with lifecycle.changing(draft_id, user) as draft:
        file = _of(draft, file_id)
        if file.size != size:
            raise Refusal(Code.NOT_POSSIBLE, "This is another file than the one that was interrupted.")
        return _lease(draft, file, socket_id)


def _lease(draft: Draft, file: File, socket_id: UUID | None) -> WriteLease:
    if file.state != FileState.RECEIVING:
        return WriteLease(file.pk, file.size, None, draft.revision)
    File.objects.filter(pk=file.pk).update(writer_epoch=F("writer_epoch") + 1, writer=socket_id)
    return WriteLease(file.pk, file.size, file.writer_epoch + 1, draft.revision)


def open_writer(lease: WriteLease, epoch: int) -> spool.Writer:
    """Open the writer of a lease with the `epoch`. Raises `Refusal` as `spool.Writer` does."""
    writer = spool.Writer(lease.file, epoch, lease.size)
    try:
        # This may run so late that the holder of a later lease has already sent the whole file. Nothing would ever
        # delete this spool file.
        if not File.objects.filter(pk=lease.file, state__in=states.SPOOLED).exists():
            spool.drop(lease.file)
            raise Refusal(Code.SUPERSEDED)
    except BaseException:
        writer.close()
        raise
    return writer


def finish(draft_id: UUID, user: User, file_id: UUID, epoch: int, sha256: str) -> int:
    """Queue a file, whose bytes are all spooled, to be checked and stored; return the revision.

    `sha256` is the server's own hash. Raises `Refusal` (``superseded``) if another writer took over.
    """
    with lifecycle.changing(draft_id, user) as draft:
        receiving = File.objects.filter(pk=file_id, draft=draft, writer_epoch=epoch)
        if not move(receiving, FileEvent.FINISH, sha256=sha256, writer=None):
            file = _of(draft, file_id)
            if file.state == FileState.RECEIVING:
                raise Refusal(Code.SUPERSEDED)
            return draft.revision
        enqueue_put(File.objects.get(pk=file_id))
        return draft.revision


def remove(draft_id: UUID, user: User, file_id: UUID) -> int:
    """Remove a file from its list: unfinished and rejected files are deleted, others can be restored."""
    with lifecycle.changing(draft_id, user) as draft:
        file = _of(draft, file_id)
        if file.state == FileState.REMOVED:
            return draft.revision
        if file.state in states.sources(FileEvent.REMOVE):
            advance_locked(file, FileEvent.REMOVE)
        else:
            lifecycle.destroy([file])
        lists.write(draft, lists.read(draft))
        return draft.revision


def restore(draft_id: UUID, user: User, file_id: UUID) -> int:
    """Restore a removed file to its previous position, or to the main list if its variant is gone."""
    with lifecycle.changing(draft_id, user) as draft:
        file = _of(draft, file_id)
        event = FileEvent.RESTORE if file.source_id is None else FileEvent.RESTORE_ATTACHED
        if not advance(file, event):
            raise Refusal(Code.NOT_POSSIBLE)
        placed = _put_back(file, lists.read(draft), lists.ranks(draft))
        lists.write(draft, ordering.keep_variants(placed, [row["temp_id"] for row in draft.variants]))
        return draft.revision


def _put_back(file: File, order: ordering.Lists, ranks: Mapping[UUID, int]) -> ordering.Lists:
    """Return `order` with the file at its previous index, or the requested one while nobody has rearranged its list."""
    key = file.position.list_key
    if file.asked_rank is None:
        return ordering.put_at(order, file.pk, key, file.sequence)
    return ordering.put_ranked(order, file.pk, key, file.asked_rank, ranks)


def purge(draft_id: UUID, user: User, file_id: UUID) -> int:
    """Delete a removed file permanently. A file of the edited product is deleted only when the product is saved."""
    with lifecycle.changing(draft_id, user) as draft:
        file = _of(draft, file_id)
        if file.state != FileState.REMOVED or file.source_id is not None:
            raise Refusal(Code.NOT_POSSIBLE)
        lifecycle.destroy([file])
        return draft.revision


def reorder(
    draft_id: UUID,
    user: User,
    op: str,
    file_ids: Sequence[UUID],
    list_name: tuple[str, str | None],
    after: UUID | None,
) -> int:
    """Move files, in this order, after `after` (None: first) in the list ``(file_type, variant_temp_id)``.

    Either all move or none. Raises `Refusal`: ``unknown_position``, ``unknown_variant``, ``bad_message`` if a file is
    named twice; for a single file that cannot move, ``file_not_found`` or ``not_possible``, and for one of several,
    ``stale``.
    """
    if len(set(file_ids)) != len(file_ids):
        raise Refusal(Code.BAD_MESSAGE, "An image cannot be moved to two places at once.")
    with lifecycle.changing(draft_id, user) as draft:
        if (answer := idempotency.recorded_revision(draft, op)) is not None:
            return answer
        _check_listed(draft, file_ids)
        key = lists.list_key(draft, *list_name)
        lists.write(draft, ordering.put(lists.read(draft), file_ids, key, after))
        Draft.objects.filter(pk=draft_id).update(reordered=True)
        lists.arranged(draft, key)
        return idempotency.record(draft, op)


def _check_listed(draft: Draft, file_ids: Sequence[UUID]) -> None:
    """Refuse unless all files are in lists of the locked draft."""
    if File.objects.filter(pk__in=file_ids, draft=draft, state__in=states.LISTED).count() == len(file_ids):
        return
    if len(file_ids) == 1:
        _of(draft, file_ids[0])
        raise Refusal(Code.NOT_POSSIBLE)
    raise Refusal(Code.STALE, "Some of these images were removed meanwhile, so none was moved. Try again.")


def describe(draft_id: UUID, user: User, file_id: UUID, alt_text: str) -> int:
    """Set the alternative text of a file."""
    with lifecycle.changing(draft_id, user) as draft:
        file = _of(draft, file_id)
        File.objects.filter(pk=file.pk).update(alt_text=alt_text.strip(), described=True)
        return draft.revision


def retry(draft_id: UUID, user: User, file_id: UUID, socket_id: UUID) -> WriteLease:
    """Retry a rejected file: from the spool if its bytes are still there, otherwise by asking for them again."""
    with lifecycle.changing(draft_id, user) as draft:
        file = _of(draft, file_id)
        whole = (path := spool.latest(file.pk)) is not None and path.stat().st_size == file.size
        event = FileEvent.CHECK_AGAIN if whole else FileEvent.SEND_AGAIN
        if advance(file, event, error_code="", error_message="") and whole:
            enqueue_put(file)
        return _lease(draft, file, socket_id)


def _of(draft: Draft, file_id: UUID) -> File:
    """Return a file of the locked draft. Raises `Refusal` (``file_not_found``), also for a foreign or deleted file."""
    file = File.objects.filter(pk=file_id, draft=draft, state__in=states.VISIBLE).first()
    if file is None:
        raise Refusal(Code.FILE_NOT_FOUND)
    return file
