"""What the formats have in common."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from uploads.images import exif

Data = bytes
"""An image's bytes."""
Segment = bytes | slice
"""Bytes of our own, or a range of the image's."""
ZEROS = 65_536


class UnstrippableImage(Exception):
    """The bytes are not laid out as the format requires, so private ones cannot be told from needed ones."""


class CutOff(UnstrippableImage):
    """The bytes end before the image does."""


def number(data: Data | bytearray, at: int, length: int) -> int:
    """Return the big-endian number of `length` bytes. Raises `UnstrippableImage` if the bytes end before it."""
    if not 0 <= at <= len(data) - length:
        raise UnstrippableImage("the bytes end too early")
    return int.from_bytes(data[at : at + length], "big")


def zeros(length: int) -> Iterator[bytes]:
    """Yield this many zeros, in small portions."""
    for at in range(0, length, ZEROS):
        yield bytes(min(ZEROS, length - at))


def turned(orientation: int) -> bytes:
    """Return a TIFF block, the format of EXIF, that contains only the orientation."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, exif.ORIENTATION, 3, 1, orientation, 0, 0)
