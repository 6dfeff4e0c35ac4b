"""Where bytes lie while a file is received: ``<spool>/<file>.<epoch>``, one writer per file.

The length of the spool file is the truth on resume. Taking a transfer over copies the old spool to
the next epoch and unlinks the old one, so a stale writer writes into nothing, and learns it before it says that
anything is safe.
Nothing here touches the database. A disk that fails is a `Refusal`: bytes it may have lost are dropped
and asked for again, never counted.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
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
    """Whatever the disk refuses is told to the user in a sentence, and to the operator with its cause."""
    try:
        yield
    except OSError as error:
        logger.exception("the spool cannot be written or read")
        raise Refusal(of_disk(error)) from error


def disk() -> Disk:
    """What the disk of the spool has. Raises `Refusal`."""
    with _refusing():
        usage = shutil.disk_usage(directory())
        return Disk(usage.total, usage.free, size())


def require_room(count: int) -> None:
    """Keep the reserve of the disk free of `count` more bytes. Raises `Refusal` (``storage_full``)."""
    with _refusing():
        _keep_reserve(os.statvfs(directory()), count)


def _keep_reserve(disk: os.statvfs_result, count: int) -> None:
    free = disk.f_bavail * disk.f_frsize
    if free - count < room.RESERVE_BYTES:
        raise OSError(errno.ENOSPC, f"{free} bytes are free, and {room.RESERVE_BYTES} of them kept so")


def directory() -> Path:
    """The spool directory, made on first use and closed to others, as is every directory made above it."""
    path = Path(upload_settings().spool_dir)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        # `parents=True` would make those above with the mode of the umask.
        for missing in reversed([above for above in path.parents if not above.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def path_of(file_id: UUID, epoch: int) -> Path:
    """Where the writer of `epoch` puts the file's bytes."""
    return directory() / f"{file_id}.{epoch}"


def clean_path(file_id: UUID) -> Path:
    """Path of the stripped copy for the store (`uploads.images.stripper`); `latest` never returns it."""
    return directory() / f"{file_id}-clean"


def small_path(file_id: UUID, width: int) -> Path:
    """Path of a small picture for the store, there whenever the stripped copy is (`uploads.core.small_pictures`)."""
    return directory() / f"{file_id}-clean_{width}"


def previews() -> Path:
    """Path of the folder of small pictures made on request (`uploads.images.preview_cache`)."""
    return directory() / "previews"


def latest(file_id: UUID) -> Path | None:
    """The newest spool of the file; None when no byte of it lies here."""
    found = directory().glob(f"{file_id}.*")
    return max(found, key=_epoch, default=None)


def _epoch(path: Path) -> int:
    return int(path.suffix[1:])


def length(file_id: UUID, epoch: int) -> int:
    """How many bytes the writer of `epoch` has received; 0 when it has none here."""
    try:
        return path_of(file_id, epoch).stat().st_size
    except FileNotFoundError:
        return 0


def drop(file_id: UUID) -> None:
    """Remove all spools of the file; none is fine, and what cannot be removed is left to the sweeper's tidying."""
    for path in directory().glob(f"{file_id}*"):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            logger.exception("a spool could not be removed")


def size() -> int:
    """How many bytes lie in the spool of this machine, whoever's they are."""
    total = 0
    with os.scandir(directory()) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                total += entry.stat().st_size if entry.is_file() else 0
    return total


def strays(older_than_seconds: float) -> set[UUID]:
    """The files that have a spool nobody wrote to for that long."""
    before, found = time.time() - older_than_seconds, set()
    for path in directory().iterdir():
        # Also whatever else an operator's disk has there, such as lost+found.
        with suppress(FileNotFoundError, ValueError):
            if path.stat().st_mtime < before:
                found.add(UUID(path.name[:36]))
    return found


class Writer:
    """The one writer of a file's bytes in one epoch. `offset` is how many are written."""

    def __init__(self, file_id: UUID, epoch: int, size: int) -> None:
        """Open the spool of `epoch`, taking over what an earlier one holds.

        Raises `Refusal`: ``superseded`` when this epoch or a later one was opened before, ``storage_full``,
        ``server_error``. What the earlier one holds is not lost by that.
        """
        self.size = size
        self.offset = 0
        self._descriptor = -1
        with _refusing():
            self.path = path_of(file_id, epoch)
            self._open(file_id, epoch)

    def _open(self, file_id: UUID, epoch: int) -> None:
        # Under its own name only once it holds all that the old one did: a crash in between loses nothing.
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
        """Copy what the newest spool holds and return that spool, `opened`; None when there is none."""
        while (old := latest(file_id)) is not None:
            if _epoch(old) >= epoch:
                raise Refusal(Code.SUPERSEDED)
            try:
                source = opened.enter_context(old.open("rb"))
                self._copy(source)
                return source
            except FileNotFoundError:
                continue  # Another takeover renamed and removed it in this moment: its own is looked for.
            except OSError:
                logger.exception("a spool that cannot be read is dropped: its file is sent again")
                old.unlink()
                self._begin_again()
        return None

    def _copy(self, source: BinaryIO) -> None:
        """Append all that `source` holds beyond what was read of it."""
        while (part := source.read(COPY_BYTES)) and self.offset < self.size:
            self._append(part[: self.size - self.offset])

    def _begin_again(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.offset = 0

    def write(self, offset: int, payload: memoryview) -> int:
        """Append `payload`, which starts at `offset`, and return the new length.

        Raises `Refusal`: ``bad_chunk`` when `offset` is not the length so far, ``too_large`` beyond the
        announced size, ``storage_full`` or ``server_error`` when the disk fails: `offset` still counts after it;
        ``superseded`` when another writer has taken the file over.
        """
        if offset != self.offset:
            raise Refusal(Code.BAD_CHUNK)
        if offset + len(payload) > self.size:
            raise Refusal(Code.TOO_LARGE, "The file is larger than it said.")
        self._append(payload)
        if not self.path.exists() and latest(UUID(self.path.stem)) is not None:
            # Whoever took over says where to go on. Without one the file is no longer received, and nothing is lost.
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
        """The hexadecimal SHA-256 of what lies safe on the disk: once, when the file is whole, off the event loop.

        Hashing chunk by chunk took a third of a chunk's time (measured). Raises `Refusal`: ``superseded``
        when another writer took the file over; ``storage_full`` or ``server_error`` when the disk lost
        bytes after all, and then none of them is kept: a second try would wrongly succeed.
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
        """The writer of `epoch` once more, for one request of a tab that sends over HTTP.

        Two at once are harmless: each writes the same bytes at the same place. Raises `Refusal`
        (``bad_chunk``) when the epoch has no spool here (any more): the client asks where to go on.
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
        """Close the file; the bytes stay, unless the disk says only now that it lost some. May be called twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        try:
            os.close(descriptor)
        except OSError:
            logger.exception("a spool that was not written in full is dropped: its file is sent again")
            self.forget()

    def forget(self) -> None:
        """Remove this writer's bytes, not those of one who took the file over."""
        with suppress(OSError):
            self.path.unlink()
