"""The words the formats have in common."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from uploads.images import exif

Data = bytes
"""An image's bytes."""
Piece = bytes | slice
"""Bytes of our own, or a range of the image's."""
ZEROS = 65_536


class Unsafe(Exception):
    """The bytes are not laid out as the format says: what is private in them cannot be told from what is needed."""


def number(data: Data | bytearray, at: int, length: int) -> int:
    """The big-endian number of `length` bytes. Raises `Unsafe` where the bytes end before it."""
    if not 0 <= at <= len(data) - length:
        raise Unsafe("the bytes end too early")
    return int.from_bytes(data[at : at + length], "big")


def zeros(length: int) -> Iterator[bytes]:
    """As many zeros, a little at a time."""
    for at in range(0, length, ZEROS):
        yield bytes(min(ZEROS, length - at))


def turned(orientation: int) -> bytes:
    """A TIFF block, as EXIF is one, that says the orientation and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, exif.ORIENTATION, 3, 1, orientation, 0, 0)
