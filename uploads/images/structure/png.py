"""PNG: its chunks. Browsers refuse a broken header or palette, which Pillow ignores."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice, takewhile

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.png import is_whole
from uploads.images.metadata.segments import Data

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 13
ANIMATION_BYTES = 8
INDEXED = 3
"""The colour type whose pixels are palette indexes."""
PALETTE_BYTES = range(3, 769, 3)

Chunk = tuple[bytes, slice]
"""The kind of a chunk, and the range of its content."""


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """Find why it must not be decoded; see `uploads.images.structure.problem`."""
    found = list(islice(chunks(data), limits.max_parts + 1))
    if len(found) > limits.max_parts:
        return Code.IMAGE_TOO_COMPLEX
    if not _has_one_header(data, found) or not _has_its_palette(data, found):
        return Code.IMAGE_UNREADABLE
    if _is_animated(data, found):
        return Code.UNSUPPORTED_TYPE
    profile = 0
    for kind, content in found:
        if kind == b"iCCP":
            profile += _unpacked(data[content], limits.max_profile_bytes)
        if profile > limits.max_profile_bytes:
            return Code.IMAGE_TOO_COMPLEX
    return None


def _has_one_header(data: Data, found: list[Chunk]) -> bool:
    """Whether it comes first, has the right length, and names the only compression and filter methods."""
    if [kind for kind, _ in found if kind == b"IHDR"] != [kind for kind, _ in found[:1]]:
        return False
    header = bytes(data[found[0][1]]) if found else b""
    return len(header) == HEADER_BYTES and header[10:12] == b"\0\0"


def _has_its_palette(data: Data, found: list[Chunk]) -> bool:
    """Whether at most one palette precedes the pixels, of a possible length, and one exists where it is required."""
    before = list(takewhile(lambda chunk: chunk[0] != b"IDAT", found))
    lengths = [content.stop - content.start for kind, content in before if kind == b"PLTE"]
    if not lengths:
        return bool(data[found[0][1].start + 9] != INDEXED)
    return len(lengths) == 1 and lengths[0] in PALETTE_BYTES


def _is_animated(data: Data, found: list[Chunk]) -> bool:
    """Whether browsers show something else than the pixels: several frames, or one that is a different image."""
    before = list(takewhile(lambda chunk: chunk[0] != b"IDAT", found))
    said = [data[content] for kind, content in before if kind == b"acTL" and is_whole(data, kind, content)]
    if not said or len(said[0]) != ANIMATION_BYTES:
        return False
    frames = int.from_bytes(said[0][:4], "big")
    return frames > 1 or (frames == 1 and b"fcTL" not in dict(before))


def _unpacked(profile: bytes, most: int) -> int:
    """Return the size of the profile after its name and method; at most a little more than `most` is decompressed."""
    _, _, packed = profile.partition(b"\0")
    try:
        return len(zlib.decompressobj().decompress(packed[1:], most + 1))
    except zlib.error:
        return 0


def chunks(data: Data) -> Iterator[Chunk]:
    """Yield all chunks up to IEND, or as far as they can be parsed."""
    at, kind = 8, b""
    while at + 12 <= len(data) and kind != b"IEND":
        stop = at + 8 + int.from_bytes(data[at : at + 4], "big")
        kind = bytes(data[at + 4 : at + 8])
        yield kind, slice(at + 8, stop)
        at = stop + 4
