"""Writes the copy of an image that is stored: without what it tells of people and places (`uploads.images.metadata`).

The received bytes stay untouched until the store has the copy; under its name the copy is whole, or not there. No
Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from uploads.images.metadata import Data, Piece, Unsafe, kept

__all__ = ["Copy", "Unsafe", "strip"]

COPY_BYTES = 1 << 20


class Copy(Struct, frozen=True):
    """The size in bytes and the SHA-256 of a copy, of what was written and not of what a disk says later."""

    size: int
    sha256: str


def strip(data: Data, target: str, content_type: str, orientation: int) -> Copy:
    """Write what is kept of the image `data` to `target`, under another name first; safe on the disk then.

    Raises `Unsafe` (`uploads.images.metadata`) and `OSError`; then there is no new `target`.
    """
    folder, name = os.path.split(target)
    # `mkstemp` inside: a fresh file of mode 0600, which nobody else has open.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=name, delete=False) as copy:
        try:
            written, size = hashlib.sha256(), 0
            for piece in kept(content_type, data, orientation):
                for part in _parts(data, piece):
                    copy.write(part)
                    written.update(part)
                    size += len(part)
            copy.flush()
            # A name that outlives a power failure must not stand for bytes that did not.
            os.fsync(copy.fileno())
            Path(copy.name).rename(target)
            return Copy(size, written.hexdigest())
        except BaseException:
            with suppress(OSError):
                Path(copy.name).unlink()
            raise


def _parts(data: Data, piece: Piece) -> Iterator[bytes | memoryview]:
    """The bytes of a piece, a range of `data` a little at a time and never copied."""
    if isinstance(piece, bytes):
        yield piece
        return
    kept_range = memoryview(data)[piece]
    for at in range(0, len(kept_range), COPY_BYTES):
        yield kept_range[at : at + COPY_BYTES]
