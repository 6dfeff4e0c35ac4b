"""WebP: the chunks of its RIFF container. Everything after its declared length is dropped."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from uploads.images.metadata.segments import Data, Segment, UnstrippableImage

EXTENDED = b"VP8X"
PIXELS = {b"VP8 ", b"VP8L", b"ALPH"}
KEPT = {EXTENDED, b"ICCP"} | PIXELS
HAS_XMP, HAS_EXIF = 0x04, 0x08


def retained_segments(data: Data) -> Iterator[Segment]:
    """Select the chunks to keep; see `uploads.images.metadata.retained_segments`."""
    found: dict[bytes, slice] = {}
    for kind, whole in _chunks(data):
        # One of each, and only an extended file has more than its image; readers ignore the others.
        if kind in KEPT and (not found or EXTENDED in found):
            found.setdefault(kind, whole)
    if not PIXELS & found.keys():
        # None, or those of an animation.
        raise UnstrippableImage("no picture")
    length = 4 + sum(whole.stop - whole.start for whole in found.values())
    yield struct.pack("<4sI4s", b"RIFF", length, b"WEBP")
    for kind, whole in found.items():
        if kind == EXTENDED:
            yield slice(whole.start, whole.start + 8)
            yield bytes([data[whole.start + 8] & ~(HAS_XMP | HAS_EXIF)])
            yield slice(whole.start + 9, whole.stop)
        else:
            yield whole


def _chunks(data: Data) -> Iterator[tuple[bytes, slice]]:
    """Yield the kind of each chunk, and its range including a padding byte."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise UnstrippableImage("no WebP")
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise UnstrippableImage("cut off")
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        stop = at + 8 + length + (length & 1)
        if stop > end:
            raise UnstrippableImage("a chunk longer than the file")
        if length < 10 and data[at : at + 4] == EXTENDED:
            raise UnstrippableImage("a header too short")
        yield bytes(data[at : at + 4]), slice(at, stop)
        at = stop
