"""Makes the copy of an image that is stored: without what it tells of people and places (`uploads.images.metadata`).

The received bytes stay untouched until the store has the copy; under its name the copy is whole, or not there. No
Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from uploads.images.metadata import Data, Unsafe, isobmff_mini, kept

__all__ = ["Copy", "Unsafe", "readable", "stripped", "write"]


class Copy(Struct, frozen=True):
    """The size in bytes and the SHA-256 of a copy, of what was written and not of what a disk says later."""

    size: int
    sha256: str


def readable(data: Data) -> Data:
    """Return the image as others than Chromium read it too. Raises `Unsafe` when it cannot be read."""
    return isobmff_mini.expanded(data) if isobmff_mini.is_minimized(data) else data


def stripped(data: Data, content_type: str, orientation: int) -> bytes:
    """Return what is kept of the image `data`. Raises `Unsafe` (`uploads.images.metadata`)."""
    whole = memoryview(data)
    return b"".join(
        piece if isinstance(piece, bytes) else whole[piece] for piece in kept(content_type, data, orientation)
    )


def write(copy: bytes, target: str) -> Copy:
    """Write `copy` to `target`, under another name first; safe on the disk then.

    Raises `OSError`; then there is no new `target`.
    """
    folder, name = os.path.split(target)
    # `mkstemp` inside: a fresh file of mode 0600, which nobody else has open.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=name, delete=False) as file:
        try:
            file.write(copy)
            file.flush()
            # A name that outlives a power failure must not stand for bytes that did not.
            os.fsync(file.fileno())
            Path(file.name).rename(target)
            return Copy(len(copy), hashlib.sha256(copy).hexdigest())
        except BaseException:
            with suppress(OSError):
                Path(file.name).unlink()
            raise
