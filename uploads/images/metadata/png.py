"""PNG: its chunks. Everything behind IEND goes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from uploads.images.metadata.pieces import Data, Piece, Unsafe, number, turned

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DECODING = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"}
COLOUR = {b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs"}


def kept(data: Data, orientation: int) -> Iterator[Piece]:
    """See `uploads.images.metadata.kept`."""
    if data[:8] != SIGNATURE:
        raise Unsafe("no PNG")
    yield slice(0, 8)
    turn = _chunk(b"eXIf", turned(orientation)) if orientation != 1 else b""
    at = 8
    while True:
        end = at + 12 + number(data, at, 4)
        kind = bytes(data[at + 4 : at + 8])
        if end > len(data):
            raise Unsafe("a chunk longer than the file")
        if kind == b"IDAT" and turn:
            yield turn
            turn = b""
        if kind in DECODING or kind in COLOUR:
            yield slice(at, end)
        elif not kind[0] & 0x20:
            # A capital says that nothing can be shown without it.
            raise Unsafe("an unknown chunk")
        if kind == b"IEND":
            return
        at = end


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
