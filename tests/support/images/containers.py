"""AVIF and HEIC files with their boxes put together in other ways."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tests.support.corpus.builders import box, moved
from uploads.images.metadata.isobmff_boxes import Box, boxes

ESSENTIAL = 0x80


def child(content: bytes, around: Box | None, kind: bytes) -> Box:
    """The first box of a kind in another one, or in the file."""
    start = 0 if around is None else around.body + (4 if around.kind == b"meta" else 0)
    stop = len(content) if around is None else around.stop
    return next(found for found in boxes(content, start, stop) if found.kind == kind)


def properties(content: bytes) -> Box:
    """The box `iprp`."""
    return child(content, child(content, None, b"meta"), b"iprp")


def associations(numbers: Sequence[int], item: int = 1) -> bytes:
    """A table that gives one item these properties."""
    return box(b"ipma", struct.pack(">IIHB", 0, 1, item, len(numbers)) + bytes(numbers))


def avif_with(content: bytes, extra: Sequence[bytes], *tables: bytes) -> bytes:
    """An AVIF as Pillow writes it, of one picture, with more properties, all of which it is lost without.

    `tables` follow the table of its own.
    """
    around = properties(content)
    shared, own = child(content, around, b"ipco"), child(content, around, b"ipma")
    held = content[own.body + 11 : own.stop]
    first = 1 + sum(1 for _ in boxes(content, shared.body, shared.stop))
    added = bytes(ESSENTIAL | number for number in range(first, first + len(extra)))
    inner = box(b"ipco", content[shared.body : shared.stop] + b"".join(extra))
    return replaced(content, box(b"iprp", inner + associations([*held, *added]) + b"".join(tables)))


def replaced(content: bytes, new: bytes) -> bytes:
    """`content` with another box `iprp`; the places of the items' bytes are moved along."""
    meta, old = child(content, None, b"meta"), properties(content)
    by = len(new) - (old.stop - old.start)
    made = bytearray(content)
    moved(made, made.index(b"iloc") + 4, by)
    made[old.start : old.stop] = new
    made[meta.start : meta.start + 4] = (meta.stop - meta.start + by).to_bytes(4, "big")
    return bytes(made)
