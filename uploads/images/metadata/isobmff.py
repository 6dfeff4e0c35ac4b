"""AVIF and HEIC: boxes. What is left out is overwritten with zeros, for all is addressed by its place in the file.

The primary picture and what it needs stay; the bytes of all other items, and whatever no item refers to, do not. Their
entries in the table of items become entries of no known kind, which readers pass over. What follows the last box that
is needed goes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from uploads.images.metadata import isobmff_needs
from uploads.images.metadata.isobmff_boxes import Box, boxes
from uploads.images.metadata.isobmff_items import places, without_others
from uploads.images.metadata.pieces import Data, Piece, Unsafe, zeros

NEEDED = (b"ftyp", b"meta", b"mdat")
NEEDED_OF_META = {b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat"}
HANDLER_NAME = 24
"""Where in the body of `hdlr` the name of the program that wrote the file stands."""


def kept(data: Data) -> Iterator[Piece]:
    """See `uploads.images.metadata.kept`."""
    top = list(boxes(data, 0, len(data), tail=True))
    kinds = [box.kind for box in top]
    if kinds[:1] != [b"ftyp"] or kinds.count(b"meta") != 1 or b"moov" in kinds:
        raise Unsafe("no still picture")
    last = max(at for at, kind in enumerate(kinds) if kind in NEEDED)
    meta = top[kinds.index(b"meta")]
    patched = bytearray(data[meta.start : meta.stop])
    pictures = _patch_meta(patched)
    within = _by_store([box for box in top if box.kind == b"mdat"], pictures)
    for box in top[: last + 1]:
        if box is meta:
            yield bytes(patched)
        elif box.kind == b"ftyp":
            yield slice(box.start, box.stop)
        elif box.kind == b"mdat":
            yield slice(box.start, box.body)
            yield from _only(box, within[box.body])
        else:
            yield slice(box.start, box.start + 4)
            yield b"free"
            yield slice(box.start + 8, box.body)
            yield from zeros(box.stop - box.body)


def _by_store(stores: list[Box], parts: list[slice]) -> dict[int, list[slice]]:
    """Which of `parts` lie in which `mdat`, known by where its body starts. One that lies in none is not safe."""
    bodies = [store.body for store in stores]
    within: dict[int, list[slice]] = {body: [] for body in bodies}
    for part in parts:
        # Looked up: a small file may have tens of thousands of each.
        at = bisect_right(bodies, part.start) - 1
        if at < 0 or part.stop > stores[at].stop:
            raise Unsafe("a picture outside the data")
        within[bodies[at]].append(part)
    return within


def _only(store: Box, parts: list[slice]) -> Iterator[Piece]:
    """The body of an `mdat` with zeros wherever none of its `parts` (ordered) lies."""
    at = store.body
    for part in parts:
        if part.stop > at:
            start = max(at, part.start)
            yield from zeros(start - at)
            yield slice(start, part.stop)
            at = part.stop
    yield from zeros(store.stop - at)


def _patch_meta(meta: bytearray) -> list[slice]:
    """Overwrite what the box `meta` tells, in place; return where in the file the pictures lie, in order."""
    found = _tables(meta)
    try:
        table, where, primary, properties = (found[kind] for kind in (b"iinf", b"iloc", b"pitm", b"iprp"))
    except KeyError:
        raise Unsafe("no table of items") from None
    if b"hdlr" in found:
        _zero(meta, found[b"hdlr"].body + HANDLER_NAME, found[b"hdlr"].stop)
    needed = _patch_properties(meta, properties, primary, found.get(b"iref"))
    in_file, in_meta = places(meta, where, without_others(meta, table, needed))
    if b"idat" in found:
        _blank_others(meta, found[b"idat"], in_meta)
    return in_file


def _tables(meta: bytearray) -> dict[bytes, Box]:
    """The boxes in `meta` by their kind; those that are not needed are overwritten."""
    found: dict[bytes, Box] = {}
    (outer,) = boxes(meta, 0, len(meta))
    for box in boxes(meta, outer.body + 4, outer.stop):
        if box.kind not in NEEDED_OF_META:
            _blank(meta, box)
        elif found.setdefault(box.kind, box) is not box:
            raise Unsafe("a table twice")
    return found


def _patch_properties(meta: bytearray, properties: Box, primary: Box, references: Box | None) -> set[int]:
    """Overwrite the properties that the primary picture does not need; return the ids of the items it does."""
    properties = isobmff_needs.with_one_table(meta, properties)
    inner = boxes(meta, properties.body, properties.stop)
    every = [entry for box in inner if box.kind == b"ipco" for entry in boxes(meta, box.body, box.stop)]
    associated = isobmff_needs.associations(meta, properties)
    needed = isobmff_needs.items(meta, primary, references, isobmff_needs.alphas(meta, every, associated))
    for entry in list(isobmff_needs.unneeded(every, associated, needed)):
        _blank(meta, entry)
    return needed


def _blank_others(meta: bytearray, idat: Box, parts: list[slice]) -> None:
    """Zeros in the box `idat` wherever none of `parts`, counted from its body, lies."""
    content = bytes(meta[idat.body : idat.stop])
    _zero(meta, idat.body, idat.stop)
    for part in parts:
        if part.stop > len(content):
            raise Unsafe("a picture outside the data")
        meta[idat.body + part.start : idat.body + part.stop] = content[part]


def _blank(data: bytearray, box: Box) -> None:
    data[box.start + 4 : box.start + 8] = b"free"
    _zero(data, box.body, box.stop)


def _zero(data: bytearray, start: int, stop: int) -> None:
    if start < stop:
        data[start:stop] = bytes(stop - start)
