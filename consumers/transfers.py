"""The files one socket is sending: a handle and a spool writer for each, and the check made by `finish`."""

from __future__ import annotations

from uuid import UUID

from uploads.core.errors import Code, Refusal
from uploads.spool import Writer


class Transfer:
    """The upload of one file by one writer, which holds one epoch."""

    def __init__(self, file: UUID, epoch: int, writer: Writer) -> None:
        self.file = file
        self.epoch = epoch
        self.writer = writer

    def verify(self, claimed_sha256: str | None) -> str:
        """Return the SHA-256 of the whole file. It reads the file, so call it in a thread.

        Raises `Refusal`: ``bad_chunk`` if bytes are missing, ``superseded``, or ``checksum_mismatch``, after which the
        bytes are deleted and sent again from the start. A tab that took the file over detects that by itself.
        """
        if self.writer.offset != self.writer.size:
            raise Refusal(Code.BAD_CHUNK, "The file is not whole yet. It is sent again from where it stopped.")
        sha256 = self.writer.digest()
        if claimed_sha256 not in (None, sha256):
            self.writer.forget()
            raise Refusal(Code.CHECKSUM_MISMATCH)
        return sha256


class Transfers:
    """The transfers of one socket by handle and by file."""

    def __init__(self) -> None:
        self._by_handle: dict[int, Transfer] = {}
        self._next = 1

    def begin(self, transfer: Transfer) -> int:
        """Add the transfer and return its new handle; an older transfer of the same file ends."""
        self.end(transfer.file)
        handle, self._next = self._next, self._next + 1
        self._by_handle[handle] = transfer
        return handle

    def get(self, handle: int) -> Transfer | None:
        """Return the transfer with this handle, or None if it has ended."""
        return self._by_handle.get(handle)

    def of(self, file: UUID) -> Transfer | None:
        """Return the transfer of `file`, or None if this socket does not send it."""
        return next((t for t in self._by_handle.values() if t.file == file), None)

    def end(self, file: UUID) -> None:
        """Close the writer of `file` and drop its handle, if there is one."""
        for handle, transfer in list(self._by_handle.items()):
            if transfer.file == file:
                transfer.writer.close()
                del self._by_handle[handle]

    def superseded(self, file: UUID, epoch: int) -> bool:
        """End our transfer of `file` because another socket now writes it with `epoch`; False if ours is not older."""
        ours = self.of(file)
        if ours is None or ours.epoch >= epoch:
            return False
        self.end(file)
        return True

    def end_all(self) -> None:
        """Close every writer; the bytes stay in the spool."""
        for transfer in self._by_handle.values():
            transfer.writer.close()
        self._by_handle.clear()
