"""The tables of an AVIF or HEIC file: its items (`iinf`) and where their bytes are (`iloc`)."""

from __future__ import annotations

from collections.abc import Set

from uploads.images.metadata.isobmff_boxes import Box, boxes
from uploads.images.metadata.segments import UnstrippableImage, number

PICTURES = {b"av01", b"hvc1", b"hev1", b"avc1", b"vvc1", b"jpeg", b"j2k1", b"unci", b"grid", b"iovl", b"iden", b"tmap"}
"""Coded images, and derived ones that combine images; all other kinds (Exif, mime, uri) only describe them."""
NOTHING = b"skip"
"""A kind of item that no reader knows."""
IN_FILE, IN_META = 0, 1


def without_others(meta: bytearray, table: Box, needed: Set[int]) -> set[int]:
    """Overwrite in the table `iinf` the names of all items, and the kinds of those not `needed` or not an image.

    Returns the ids of the images that stay. Raises `UnstrippableImage` if a needed item is not an image.
    """
    short = number(meta, table.body, 1) == 0
    pictures: set[int] = set()
    for entry in boxes(meta, table.body + (6 if short else 8), table.stop):
        version = number(meta, entry.body, 1)
        if entry.kind != b"infe" or version not in (2, 3):
            raise UnstrippableImage("an unknown entry of the table of items")
        width = 2 if version == 2 else 4
        item, kind_at = number(meta, entry.body + 4, width), entry.body + 4 + width + 2
        if kind_at + 4 > entry.stop:
            raise UnstrippableImage("an entry too short")
        if item in needed and bytes(meta[kind_at : kind_at + 4]) in PICTURES:
            pictures.add(item)
        else:
            meta[kind_at : kind_at + 4] = NOTHING
        meta[kind_at + 4 : entry.stop] = bytes(entry.stop - kind_at - 4)
    if pictures != needed:
        raise UnstrippableImage("a picture that is none, or is missing")
    return pictures


def places(meta: bytearray, table: Box, wanted: Set[int]) -> tuple[list[slice], list[slice]]:
    """Return where the `wanted` items of the table `iloc` are: in the file, and in the body of `idat`; both sorted.

    Raises `UnstrippableImage` for a table in another format, and if a wanted range overlaps a dropped one.
    """
    parts: dict[int, list[slice]] = {IN_FILE: [], IN_META: []}
    others: dict[int, list[slice]] = {IN_FILE: [], IN_META: []}
    for item, where, part in _extents(meta, table):
        if where not in parts:
            raise UnstrippableImage("an item made of items")
        (parts if item in wanted else others)[where].append(part)
    for where, found in parts.items():
        found.sort(key=lambda part: part.start)
        _no_overlap(found, others[where])
    return parts[IN_FILE], parts[IN_META]


def _no_overlap(wanted: list[slice], others: list[slice]) -> None:
    """A dropped range must not be within a kept one, where it would be kept too."""
    marked = sorted([(part.start, part.stop, False) for part in wanted] + [(o.start, o.stop, True) for o in others])
    reach = {False: 0, True: 0}
    for start, stop, other in marked:
        if start < reach[not other] and start < stop:
            raise UnstrippableImage("items that overlap")
        reach[other] = max(reach[other], stop)


def _extents(meta: bytearray, table: Box) -> list[tuple[int, int, slice]]:
    """Yield for every extent its item, what its offset is relative to (`IN_FILE`, `IN_META`, others), and its range."""
    read = _Reader(meta, table.body, table.stop)
    version = read(4) >> 24
    sizes = read(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    if version > 2:
        raise UnstrippableImage("an unknown table of places")
    wide = 4 if version == 2 else 2
    extents = []
    for _ in range(read(wide)):
        item = read(wide)
        where = read(2) & 15 if version else IN_FILE
        if read(2):
            raise UnstrippableImage("an item in another file")
        base = read(base_size)
        for _ in range(read(2)):
            read(index_size if version else 0)
            start = base + read(offset_size)
            length = read(length_size)
            if not length:
                raise UnstrippableImage("an item without a length")
            extents.append((item, where, slice(start, start + length)))
    return extents


class _Reader:
    """Reads big-endian numbers one after the other."""

    def __init__(self, data: bytearray, start: int, stop: int) -> None:
        self._data, self._at, self._stop = data, start, stop

    def __call__(self, length: int) -> int:
        at, self._at = self._at, self._at + length
        if self._at > self._stop:
            raise UnstrippableImage("a table cut off")
        return number(self._data, at, length) if length else 0
