"""Writes the copy of an image that is stored: without what it tells of people and places (`uploads.images.metadata`).

The received bytes stay untouched beside it until the store has the copy; under its name the copy is whole, or not
there. No Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

from uploads.images.metadata import Data, Piece, Unsafe, kept

__all__ = ["Unsafe", "strip"]

COPY_BYTES = 1 << 20


def strip(source: str, target: str, content_type: str, orientation: int) -> None:
    """Write what is kept of the image at `source` to `target`, beside it and renamed; safe on the disk then.

    Needs no memory for the image, however large. Raises `Unsafe` (`uploads.images.metadata`) and `OSError`; then there
    is no new `target`.
    """
    folder, name = os.path.split(target)
    with open(source, "rb") as content, tempfile.NamedTemporaryFile(dir=folder, prefix=name, delete=False) as copy:
        try:
            with mmap(content.fileno(), 0, access=ACCESS_READ) as data:
                for piece in kept(content_type, data, orientation):
                    _write(copy, data, piece)
            copy.flush()
            # A name that outlives a power failure must not stand for bytes that did not.
            os.fsync(copy.fileno())
            Path(copy.name).rename(target)
        except BaseException:
            with suppress(OSError):
                Path(copy.name).unlink()
            raise


def _write(copy: IO[bytes], data: Data, piece: Piece) -> None:
    if isinstance(piece, bytes):
        copy.write(piece)
        return
    for at in range(piece.start, piece.stop, COPY_BYTES):
        copy.write(data[at : min(at + COPY_BYTES, piece.stop)])
