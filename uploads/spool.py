"""Spool files, which hold bytes while a file is received: ``<spool>/<file>.<epoch>``, one writer per file.

The length of the spool file is the offset at which an upload resumes. A takeover copies the old spool to the next epoch
and unlinks the old one, so a stale writer writes into an unlinked file, and learns that before it acknowledges
anything.

This module never touches the database. A failing disk becomes a `Refusal`: bytes that it may have lost are dropped and
requested again, never counted.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from uploads.conf import upload_settings
from uploads.core import room
from uploads.core.errors import Code, Refusal, of_disk
from uploads.core.room import Disk

logger = logging.getLogger("uploads.spool")

COPY_BYTES = 1 << 20


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn errors of the disk into a refusal for the user and a log entry with the cause for the operator."""
    try:
        yield
    except OSError as error:
        logger.exception("the spool cannot be written or read")
        raise Refusal(of_disk(error)) from error


def disk() -> Disk:
    """Return the usage of the spool's disk. Raises `Refusal`."""
    with _refusing():
        usage = shutil.disk_usage(directory())
        return Disk(usage.total, usage.free, size())


def require_room(count: int) -> None:
    """Ensure that `count` more bytes leave the reserve of the disk free. Raises `Refusal` (``storage_full``)."""
    with _refusing():
        _keep_reserve(os.statvfs(directory()), count)


def _keep_reserve(disk: os.statvfs_result, count: int) -> None:
    free = disk.f_bavail * disk.f_frsize
    if free - count < room.RESERVE_BYTES:
        raise OSError(errno.ENOSPC, f"{free} bytes are free, and {room.RESERVE_BYTES} of them kept so")


def directory() -> Path:
    """Return the spool directory, created on first use without access for others, like its missing parents."""
    path = Path(upload_settings().spool_dir)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        # `parents=True` would create the parents with the mode of the umask.
        for missing in reversed([above for above in path.parents if not above.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def path_of(file_id: UUID, epoch: int) -> Path:
    """Return the path of the spool of `epoch`."""
    return directory() / f"{file_id}.{epoch}"


def clean_path(file_id: UUID) -> Path:
    """Return the path of the stripped copy for the store (`uploads.images.stripper`); `latest` never returns it."""
    return directory() / f"{file_id}-clean"


def small_path(file_id: UUID, width: int) -> Path:
    """Path of a small picture for the store, there whenever the stripped copy is (`uploads.core.small_pictures`)."""
    return directory() / f"{file_id}-clean_{width}"


def small_paths(file_id: UUID, widths: Iterable[int]) -> dict[int, Path]:
    """Return the paths of the small pictures of these widths."""
    return {width: small_path(file_id, width) for width in widths}


def previews() -> Path:
    """Return the folder of small pictures created on request (`uploads.images.preview_cache`)."""
    return directory() / "previews"


def latest(file_id: UUID) -> Path | None:
    """Return the newest spool of the file; None if this machine has none."""
    found = directory().glob(f"{file_id}.*")
    return max(found, key=_epoch, default=None)


def _epoch(path: Path) -> int:
    return int(path.suffix[1:])


def length(file_id: UUID, epoch: int) -> int:
    """Return how many bytes the writer of `epoch` has received; 0 if it has no spool here."""
    try:
        return path_of(file_id, epoch).stat().st_size
    except FileNotFoundError:
        return 0


def drop(file_id: UUID) -> None:
    """Remove all spools of the file, if any; what cannot be removed is left to garbage collection."""
    for path in directory().glob(f"{file_id}*"):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            logger.exception("a spool could not be removed")


def size() -> int:
    """Return how many bytes are in the spool of this machine, of all users."""
    total = 0
    with os.scandir(directory()) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                total += entry.stat().st_size if entry.is_file() else 0
    return total


def strays(older_than_seconds: float) -> set[UUID]:
    """Return the files that have a spool which has not been written for this long."""
    before, found = time.time() - older_than_seconds, set()
    for path in directory().iterdir():
        # Skips other entries of an operator's disk, such as lost+found.
        with suppress(FileNotFoundError, ValueError):
            if path.stat().st_mtime < before:
                found.add(UUID(path.name[:36]))
    return found


class Writer:
    """The only writer of a file's bytes in one epoch. `offset` is the number of bytes written."""

    def __init__(self, file_id: UUID, epoch: int, size: int) -> None:
        """Open the spool of `epoch`, taking over the bytes of an earlier one.

        Raises `Refusal`: ``superseded`` if this epoch or a later one has been opened before, ``storage_full``,
        ``server_error``. None of these loses the bytes of the earlier one.
        """
        self.size = size
        self.offset = 0
        self._descriptor = -1
        with _refusing():
            self.path = path_of(file_id, epoch)
            self._open(file_id, epoch)

    def _open(self, file_id: UUID, epoch: int) -> None:
        # It gets its name only once it has everything the old one had, so a crash in between loses nothing.
        part = directory() / f"{file_id}-{epoch}.part"
        part.unlink(missing_ok=True)
        self._descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with ExitStack() as opened:
            try:
                source = self._take_over(file_id, epoch, opened)
                part.rename(self.path)
                if source is not None:
                    with suppress(OSError):
                        Path(source.name).unlink()
                    # Until this moment its writer may have appended and acknowledged.
                    self._copy(source)
            except BaseException:
                self.close()
                with suppress(OSError):
                    part.unlink()
                raise

    def _take_over(self, file_id: UUID, epoch: int, opened: ExitStack) -> BinaryIO | None:
        """Copy the newest spool and return it, `opened`; None if there is none."""
        while (old := latest(file_id)) is not None:
            if _epoch(old) >= epoch:
                raise Refusal(Code.SUPERSEDED)
            try:
                source = opened.enter_context(old.open("rb"))
                self._copy(source)
                return source
            except FileNotFoundError:
                continue  # Another takeover renamed and removed it at this moment; look for that one's spool.
            except OSError:
                logger.exception("a spool that cannot be read is dropped: its file is sent again")
                old.unlink()
                self._begin_again()
        return None

    def _copy(self, source: BinaryIO) -> None:
        """Append everything in `source` that has not been read yet."""
        while (part := source.read(COPY_BYTES)) and self.offset < self.size:
            self._append(part[: self.size - self.offset])

    def _begin_again(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.offset = 0

    def write(self, offset: int, payload: memoryview) -> int:
        """Append `payload`, which starts at `offset`, and return the new length.

        Raises `Refusal`: ``bad_chunk`` if `offset` is not the current length, ``too_large`` beyond the announced size,
        ``storage_full`` or ``server_error`` if the disk fails, after which `offset` is still valid, and ``superseded``
        if another writer has taken the file over.
        """
        if offset != self.offset:
            raise Refusal(Code.BAD_CHUNK)
        if offset + len(payload) > self.size:
            raise Refusal(Code.TOO_LARGE, "The file is larger than it said.")
        self._append(payload)
        if not self.path.exists() and latest(UUID(self.path.stem)) is not None:
            # The writer that took over knows the offset. Without one, the file is no longer received, and nothing is
            # lost.
            raise Refusal(Code.SUPERSEDED)
        return self.offset

    def _append(self, payload: bytes | memoryview) -> None:
        rest = memoryview(payload)
        with _refusing():
            _keep_reserve(os.fstatvfs(self._descriptor), len(rest))
            while rest:
                written = os.write(self._descriptor, rest)
                if not written:
                    raise OSError(errno.ENOSPC, "nothing was written")
                self.offset += written
                rest = rest[written:]

    def digest(self) -> str:
        """Return the hexadecimal SHA-256 of the bytes synced to disk: once, when the file is complete, in a thread.

        Hashing chunk by chunk took a third of a chunk's time (measured). Raises `Refusal`: ``superseded`` if another
        writer took the file over; ``storage_full`` or ``server_error`` if the disk lost bytes after all, and then none
        of them is kept, because a second attempt would wrongly succeed.
        """
        with _refusing():
            try:
                with self.path.open("rb") as content:
                    os.fsync(content.fileno())
                    return hashlib.file_digest(content, "sha256").hexdigest()
            except FileNotFoundError:
                raise Refusal(Code.SUPERSEDED) from None
            except OSError:
                self.forget()
                raise

    @classmethod
    def again(cls, file_id: UUID, epoch: int, size: int) -> Writer:
        """Reopen the writer of `epoch`, for one request of a tab that sends over HTTP.

        Two at once are harmless, because each writes the same bytes at the same offset. Raises `Refusal`
        (``bad_chunk``) if the epoch has no spool here (any more): the client then asks for the offset.
        """
        writer = cls.__new__(cls)
        with _refusing():
            writer.path, writer.size = path_of(file_id, epoch), size
            try:
                writer._descriptor = os.open(writer.path, os.O_WRONLY)
            except FileNotFoundError:
                raise Refusal(Code.BAD_CHUNK) from None
            writer.offset = os.lseek(writer._descriptor, 0, os.SEEK_END)
        return writer

    def close(self) -> None:
        """Close the file; the bytes stay, unless the disk only now reports that it lost some. Idempotent."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        try:
            os.close(descriptor)
        except OSError:
            logger.exception("a spool that was not written in full is dropped: its file is sent again")
            self.forget()

    def forget(self) -> None:
        """Remove this writer's bytes, but not those of one that took the file over."""
        with suppress(OSError):
            self.path.unlink()
