"""PNG: chunks. Everything after the pixels is dropped, and the end is written anew.

Chunks that browsers ignore, because of a wrong checksum, an impossible length or an earlier one of the same kind, are
dropped too, because decoders in other programs fail on them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from uploads.images.metadata.segments import Data, Segment, UnstrippableImage, number, turned

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DECODING = {b"IHDR", b"PLTE", b"IDAT"}
LENGTHS = {b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"cICP": 4, b"mDCV": 24, b"cLLI": 8, b"pHYs": 9}
SHOWING = {*LENGTHS, b"iCCP", b"sBIT", b"bKGD", b"tRNS"}
"""Chunks that define how the pixels are shown. Each counts once."""
TRANSPARENCY = {0: range(2, 1 << 31), 2: range(6, 1 << 31), 3: range(1, 257)}
"""For each colour type that has some: the maximum length of `tRNS`."""
COLOUR_TYPE_AT = 25
INTENTS = 4
NAME_BYTES = range(1, 81)
PIECE = 1 << 16


def retained_segments(data: Data, orientation: int) -> Iterator[Segment]:
    """Select the chunks to keep; see `uploads.images.metadata.retained_segments`."""
    if data[:8] != SIGNATURE:
        raise UnstrippableImage("no PNG")
    ahead, at = _before_pixels(data)
    yield slice(0, 8)
    yield from ahead
    if orientation != 1:
        yield _chunk(b"eXIf", turned(orientation))
    yield from _pixels(data, at)
    yield _chunk(b"IEND", b"")


def _before_pixels(data: Data) -> tuple[list[Segment], int]:
    """Return what is kept of the chunks before the pixels, and where the pixels begin."""
    pieces: list[Segment] = []
    at, decided = 8, set[bytes]()
    while (kind := bytes(data[at + 4 : at + 8])) != b"IDAT":
        end = at + 12 + number(data, at, 4)
        if end > len(data) or kind == b"IEND":
            raise UnstrippableImage("no pixels")
        if kind in SHOWING:
            if kind not in decided and _is_shown(data, kind, slice(at + 8, end - 4), decided):
                pieces.append(slice(at, end))
        elif kind in DECODING:
            pieces.append(slice(at, end))
        elif not kind[0] & 0x20:
            # An upper-case letter marks a chunk that is required for showing the image.
            raise UnstrippableImage("an unknown chunk")
        at = end
    return pieces, at


def _is_shown(data: Data, kind: bytes, content: slice, decided: set[bytes]) -> bool:
    """Whether browsers use a chunk of `SHOWING`; once no other of its kind counts any more, it is `decided`."""
    if not is_whole(data, kind, content):
        return False
    is_usable = _is_usable(data, kind, data[content])
    # After an unreadable profile, browsers look at no other.
    if is_usable or kind == b"iCCP":
        decided.add(kind)
    return is_usable


def _pixels(data: Data, at: int) -> Iterator[Segment]:
    """Return the range of the consecutive pixel chunks from `at` on. The checksum of the last one may be missing."""
    while bytes(data[at + 4 : at + 8]) == b"IDAT":
        end = at + 12 + number(data, at, 4)
        if end - 4 > len(data):
            raise UnstrippableImage("pixels cut off")
        if end > len(data):
            yield _chunk(b"IDAT", data[at + 8 : end - 4])
            return
        yield slice(at, end)
        at = end


def is_whole(data: Data, kind: bytes, content: slice) -> bool:
    """Whether the chunk is complete and has the right checksum."""
    said = data[content.stop : content.stop + 4]
    return len(said) == 4 and zlib.crc32(data[content], zlib.crc32(kind)) == int.from_bytes(said, "big")


def _is_usable(data: Data, kind: bytes, content: bytes) -> bool:
    """Whether it has the right length and valid values."""
    if kind == b"iCCP":
        return _is_profile(content)
    if kind == b"tRNS":
        return len(content) in TRANSPARENCY.get(number(data, COLOUR_TYPE_AT, 1), ())
    if kind == b"sRGB" and content[:1] >= bytes([INTENTS]):
        return False
    return len(content) == LENGTHS.get(kind, len(content))


def _is_profile(content: bytes) -> bool:
    """Whether it has a name and a valid compression, and can be decompressed; none of it is kept meanwhile.

    `uploads.images.structure` has enforced the limit of its size by then.
    """
    name, _, packed = content.partition(b"\0")
    if len(name) not in NAME_BYTES or packed[:1] != b"\0":
        return False
    unpack, left = zlib.decompressobj(), packed[1:]
    try:
        while not unpack.eof and unpack.decompress(left, PIECE):
            left = unpack.unconsumed_tail
    except zlib.error:
        return False
    return unpack.eof


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
