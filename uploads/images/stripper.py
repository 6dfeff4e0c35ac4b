"""Create the stored copy of an image, without metadata about people and places (`uploads.images.metadata`).

The received bytes stay untouched until the store has the copy. Under its name the copy is complete, or does not exist.
No Django here, because the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from uploads.images.metadata import CutOff, Data, UnstrippableImage, isobmff_mini, retained_segments

__all__ = ["Copy", "CutOff", "UnstrippableImage", "readable", "stripped", "write"]


class Copy(Struct, frozen=True):
    """The size in bytes and the SHA-256 of a copy, of what was written and not of what a disk returns later."""

    size: int
    sha256: str


def readable(data: Data) -> Data:
    """Return the image in a form that readers other than Chromium understand. Raises `UnstrippableImage`."""
    return isobmff_mini.expanded(data) if isobmff_mini.is_minimized(data) else data


def stripped(data: Data, content_type: str, orientation: int) -> bytes:
    """Return what is kept of the image `data`. Raises `UnstrippableImage` (`uploads.images.metadata`)."""
    whole = memoryview(data)
    return b"".join(
        piece if isinstance(piece, bytes) else whole[piece]
        for piece in retained_segments(content_type, data, orientation)
    )


def write(copy: bytes, target: str) -> Copy:
    """Write `copy` to `target`, first under another name, and sync it to disk.

    If it raises `OSError`, there is no new `target`.
    """
    folder, name = os.path.split(target)
    # `mkstemp` creates a new file with mode 0600, which no other process has open.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=name, delete=False) as file:
        try:
            file.write(copy)
            file.flush()
            # A name that survives a power failure must not refer to bytes that did not.
            os.fsync(file.fileno())
            Path(file.name).rename(target)
            return Copy(len(copy), hashlib.sha256(copy).hexdigest())
        except BaseException:
            with suppress(OSError):
                Path(file.name).unlink()
            raise
