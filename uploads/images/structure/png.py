"""PNG: its chunks. Browsers refuse a broken header or palette, which Pillow passes over."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.pieces import Data

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 13
INDEXED = 3
"""The colour type whose pixels are places in the palette."""
PALETTE_BYTES = range(3, 769, 3)


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """See `uploads.images.structure.problem`."""
    indexed = palette = pixels = False
    profile = 0
    for number, (kind, content) in enumerate(_chunks(data)):
        if number >= limits.max_parts:
            return Code.IMAGE_TOO_COMPLEX
        if (number == 0) != (kind == b"IHDR"):
            return Code.IMAGE_UNREADABLE
        if kind == b"IHDR":
            if not _is_header(data[content]):
                return Code.IMAGE_UNREADABLE
            indexed = data[content.start + 9] == INDEXED
        elif kind == b"PLTE" and not pixels:
            if palette or content.stop - content.start not in PALETTE_BYTES:
                return Code.IMAGE_UNREADABLE
            palette = True
        elif kind == b"IDAT":
            pixels = True
            if indexed and not palette:
                return Code.IMAGE_UNREADABLE
        elif kind == b"iCCP":
            profile += _unpacked(data[content], limits.max_profile_bytes)
            if profile > limits.max_profile_bytes:
                return Code.IMAGE_TOO_COMPLEX
    return None


def _is_header(content: bytes) -> bool:
    """Whether its length is right, and compression and filter are the one way there is."""
    return len(content) == HEADER_BYTES and content[10:12] == b"\0\0"


def _unpacked(profile: bytes, most: int) -> int:
    """How large the profile behind its name and method is; not much more than `most` is unpacked to learn it."""
    _, _, packed = profile.partition(b"\0")
    try:
        return len(zlib.decompressobj().decompress(packed[1:], most + 1))
    except zlib.error:
        return 0


def _chunks(data: Data) -> Iterator[tuple[bytes, slice]]:
    """The kind of each chunk and where its content stands, up to IEND or the end of what can be followed."""
    at, kind = 8, b""
    while at + 12 <= len(data) and kind != b"IEND":
        stop = at + 8 + int.from_bytes(data[at : at + 4], "big")
        kind = bytes(data[at + 4 : at + 8])
        yield kind, slice(at + 8, stop)
        at = stop + 4
