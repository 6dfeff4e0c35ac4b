"""AVIF and HEIC: boxes. What is dropped is overwritten with zeros, because everything is addressed by file offset.

The primary image and what it needs stay. The bytes of all other items, and those that no item references, do not. Their
entries in the item table become entries of an unknown kind, which readers skip. What follows the last needed box is cut
off.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from uploads.images.metadata import isobmff_needs
from uploads.images.metadata.isobmff_boxes import Box, boxes
from uploads.images.metadata.isobmff_items import places, without_others
from uploads.images.metadata.segments import Data, Segment, UnstrippableImage, zeros

NEEDED = (b"ftyp", b"meta", b"mdat")
NEEDED_OF_META = {b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat"}
HANDLER_NAME = 24
"""Offset in the body of `hdlr` of the name of the program that wrote the file."""


def retained_segments(data: Data) -> Iterator[Segment]:
    """Select the parts to keep; see `uploads.images.metadata.retained_segments`."""
    top = list(boxes(data, 0, len(data), tail=True))
    kinds = [box.kind for box in top]
    if kinds[:1] != [b"ftyp"] or kinds.count(b"meta") != 1 or b"moov" in kinds:
        raise UnstrippableImage("no still picture")
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
    """Return which of `parts` are in which `mdat`, by the start of its body. A part that is in none is not safe."""
    bodies = [store.body for store in stores]
    within: dict[int, list[slice]] = {body: [] for body in bodies}
    for part in parts:
        # Bisected, because a small file may have tens of thousands of each.
        at = bisect_right(bodies, part.start) - 1
        if at < 0 or part.stop > stores[at].stop:
            raise UnstrippableImage("a picture outside the data")
        within[bodies[at]].append(part)
    return within


def _only(store: Box, parts: list[slice]) -> Iterator[Segment]:
    """Return the body of an `mdat` with zeros wherever none of its sorted `parts` is."""
    at = store.body
    for part in parts:
        if part.stop > at:
            start = max(at, part.start)
            yield from zeros(start - at)
            yield slice(start, part.stop)
            at = part.stop
    yield from zeros(store.stop - at)


def _patch_meta(meta: bytearray) -> list[slice]:
    """Overwrite metadata in the box `meta` in place; return where in the file the images are, in order."""
    found = _tables(meta)
    try:
        table, where, primary, properties = (found[kind] for kind in (b"iinf", b"iloc", b"pitm", b"iprp"))
    except KeyError:
        raise UnstrippableImage("no table of items") from None
    if b"hdlr" in found:
        _zero(meta, found[b"hdlr"].body + HANDLER_NAME, found[b"hdlr"].stop)
    needed = _patch_properties(meta, properties, primary, found.get(b"iref"))
    in_file, in_meta = places(meta, where, without_others(meta, table, needed))
    if b"idat" in found:
        _blank_others(meta, found[b"idat"], in_meta)
    return in_file


def _tables(meta: bytearray) -> dict[bytes, Box]:
    """Return the boxes in `meta` by kind; those that are not needed are overwritten."""
    found: dict[bytes, Box] = {}
    (outer,) = boxes(meta, 0, len(meta))
    for box in boxes(meta, outer.body + 4, outer.stop):
        if box.kind not in NEEDED_OF_META:
            _blank(meta, box)
        elif found.setdefault(box.kind, box) is not box:
            raise UnstrippableImage("a table twice")
    return found


def _patch_properties(meta: bytearray, properties: Box, primary: Box, references: Box | None) -> set[int]:
    """Overwrite the properties that the primary image does not need; return the ids of the items it needs."""
    properties = isobmff_needs.with_one_table(meta, properties)
    inner = boxes(meta, properties.body, properties.stop)
    every = [entry for box in inner if box.kind == b"ipco" for entry in boxes(meta, box.body, box.stop)]
    associated = isobmff_needs.associations(meta, properties)
    needed = isobmff_needs.items(meta, primary, references, isobmff_needs.alphas(meta, every, associated))
    for entry in list(isobmff_needs.unneeded(every, associated, needed)):
        _blank(meta, entry)
    return needed


def _blank_others(meta: bytearray, idat: Box, parts: list[slice]) -> None:
    """Overwrite the box `idat` with zeros wherever none of `parts`, counted from its body, is."""
    content = bytes(meta[idat.body : idat.stop])
    _zero(meta, idat.body, idat.stop)
    for part in parts:
        if part.stop > len(content):
            raise UnstrippableImage("a picture outside the data")
        meta[idat.body + part.start : idat.body + part.stop] = content[part]


def _blank(data: bytearray, box: Box) -> None:
    data[box.start + 4 : box.start + 8] = b"free"
    _zero(data, box.body, box.stop)


def _zero(data: bytearray, start: int, stop: int) -> None:
    if start < stop:
        data[start:stop] = bytes(stop - start)
