"""Detect whether the pixels of a PNG end early: Pillow accepts one whose data end after any row. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from uploads.images.metadata.segments import Data
from uploads.images.structure import png

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples per pixel, by colour type."""
WHOLE = ((0, 0, 1, 1),)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The passes of an interlaced PNG: first column and row, steps between columns and rows."""
PIECE, PACKED_PIECE = 1 << 20, 1 << 16


def comes_early(data: Data) -> bool:
    """Whether there are fewer bytes of pixels than the header claims. Decompresses them in small portions."""
    left = _bytes_of(data[next(png.chunks(data))[1]])
    unpack = zlib.decompressobj()
    for packed in _packed(data):
        try:
            while left > 0 and (piece := unpack.decompress(packed, PIECE)):
                left -= len(piece)
                packed = unpack.unconsumed_tail
        except zlib.error:
            break
    return left > 0


def _packed(data: Data) -> Iterator[bytes]:
    for kind, content in png.chunks(data):
        if kind == b"IDAT":
            # In short pieces, because the rest of each is copied with every decompressed megabyte.
            for at in range(content.start, min(content.stop, len(data)), PACKED_PIECE):
                yield data[at : min(at + PACKED_PIECE, content.stop)]


def _bytes_of(header: bytes) -> int:
    """Return the number of bytes of all rows, each with its filter byte."""
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, colours, interlaced = header[8], header[9], header[12]
    total = 0
    for column, row, across, down in ADAM7 if interlaced else WHOLE:
        columns, rows = -(-(width - column) // across), -(-(height - row) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * depth * SAMPLES[colours] // 8))
    return total
