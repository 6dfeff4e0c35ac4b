"""Where bytes lie while a file is received: ``<spool>/<file>.<epoch>``, one writer per file.

The length of the spool file is the truth on resume. Taking a transfer over copies the old spool to
the next epoch and unlinks the old one, so a stale writer writes into nothing.
Nothing here touches the database.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from uploads.conf import upload_settings
from uploads.core.errors import Code, Refusal

COPY_BYTES = 1 << 20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def directory() -> Path:
    """The spool directory, made on first use and closed to others."""
    path = Path(upload_settings().spool_dir)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(file_id: UUID, epoch: int) -> Path:
    """Where the writer of `epoch` puts the file's bytes."""
    return directory() / f"{file_id}.{epoch}"


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
    """Remove all spools of the file; none is fine."""
    for path in directory().glob(f"{file_id}*"):
        path.unlink(missing_ok=True)


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

        Raises `Refusal` (``storage_full``, ``superseded`` when this epoch or a later one was opened before).
        """
        self.path = path_of(file_id, epoch)
        self.size = size
        self.offset = 0
        # Under its own name only once it holds all that the old one did: a crash in between loses nothing.
        part = directory() / f"{file_id}-{epoch}.part"
        part.unlink(missing_ok=True)
        self._descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            old = self._take_over(file_id, epoch)
            part.rename(self.path)
        except BaseException:
            self.close()
            part.unlink(missing_ok=True)
            raise
        if old is not None:
            old.unlink(missing_ok=True)

    def _take_over(self, file_id: UUID, epoch: int) -> Path | None:
        """Copy what the newest spool holds and return that spool; None when there is none."""
        while (old := latest(file_id)) is not None:
            if _epoch(old) >= epoch:
                raise Refusal(Code.SUPERSEDED)
            # Another takeover may rename and remove it in this moment: then its own is looked for.
            with suppress(FileNotFoundError), old.open("rb") as source:
                while (part := source.read(COPY_BYTES)) and self.offset < self.size:
                    self._append(part[: self.size - self.offset])
                return old
        return None

    def write(self, offset: int, payload: memoryview) -> int:
        """Append `payload`, which starts at `offset`, and return the new length.

        Raises `Refusal`: ``bad_chunk`` when `offset` is not the length so far, ``too_large`` beyond
        the announced size, ``storage_full`` when the disk is. After a refusal the length still counts.
        """
        if offset != self.offset:
            raise Refusal(Code.BAD_CHUNK)
        if offset + len(payload) > self.size:
            raise Refusal(Code.TOO_LARGE, "The file is larger than it said.")
        self._append(payload)
        return self.offset

    def _append(self, payload: bytes | memoryview) -> None:
        rest = memoryview(payload)
        while rest:
            try:
                written = os.write(self._descriptor, rest)
            except OSError as error:
                if error.errno in _NO_ROOM:
                    raise Refusal(Code.STORAGE_FULL) from error
                raise
            self.offset += written
            rest = rest[written:]

    def digest(self) -> str:
        """The hexadecimal SHA-256 of what lies on the disk: once, when the file is whole, and off the event loop.

        Hashing chunk by chunk took a third of a chunk's time (measured). Raises `Refusal`
        (``superseded``) when another writer took the file over.
        """
        try:
            with self.path.open("rb") as content:
                return hashlib.file_digest(content, "sha256").hexdigest()
        except FileNotFoundError:
            raise Refusal(Code.SUPERSEDED) from None

    @classmethod
    def again(cls, file_id: UUID, epoch: int, size: int) -> Writer:
        """The writer of `epoch` once more, for one request of a tab that sends over HTTP.

        Two at once are harmless: each writes the same bytes at the same place. Raises `Refusal`
        (``bad_chunk``) when the epoch has no spool here (any more): the client asks where to go on.
        """
        writer = cls.__new__(cls)
        writer.path, writer.size = path_of(file_id, epoch), size
        try:
            writer._descriptor = os.open(writer.path, os.O_WRONLY)
        except FileNotFoundError:
            raise Refusal(Code.BAD_CHUNK) from None
        writer.offset = os.lseek(writer._descriptor, 0, os.SEEK_END)
        return writer

    def close(self) -> None:
        """Close the file; the bytes stay. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
