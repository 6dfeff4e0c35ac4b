"""Determine what the primary image of an AVIF or HEIC needs: component items, transparency, and their properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from uploads.images.metadata.isobmff_boxes import Box, boxes
from uploads.images.metadata.segments import UnstrippableImage, number

MADE_OF = {b"dimg", b"base", b"pred", b"tbas", b"exbl"}
"""References from an image to those it is combined or decoded from."""
AUXILIARY = b"auxl"
ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0")
"""Kinds of auxiliary images that browsers show. Depth and gain maps are separate images."""
SHOWING = {
    *(b"ispe", b"pixi", b"colr", b"pasp", b"clap", b"irot", b"imir", b"auxC", b"rloc", b"lsel", b"a1op", b"a1lx"),
    *(b"av1C", b"hvcC", b"lhvC", b"avcC", b"vvcC", b"evcC", b"j2kH", b"jpgC", b"uncC", b"cmpd", b"cmpC", b"icef"),
    *(b"clli", b"mdcv", b"cclv", b"amve", b"oinf", b"tols", b"reve", b"ndwt"),
}
"""Properties that define how to decode and show an image. All others may contain people's text, times and places."""

Associations = Mapping[int, list[tuple[bool, int]]]
"""For each item: whether it is invalid without the property, and the property's number."""


def with_one_table(meta: bytearray, properties: Box) -> Box:
    """Merge the tables `ipma` in the box `iprp` into one, because some decoders (of AVIF) fail at the second.

    The freed space becomes an empty box after it. Nothing changes if the tables differ in kind or name an item twice.
    """
    inner = list(boxes(meta, properties.body, properties.stop))
    tables = [box for box in inner if box.kind == b"ipma"]
    heads = {number(meta, table.body, 4) for table in tables}
    if len(tables) < 2 or len(heads) > 1 or inner[-len(tables) :] != tables:
        return properties
    entries = [entry for table in tables for entry in _entries(meta, table)]
    if len({item for item, _ in entries}) < len(entries) or properties.body != properties.start + 8:
        return properties
    content = b"".join(bytes(meta[entry]) for _, entry in sorted(entries, key=lambda entry: entry[0]))
    head = heads.pop().to_bytes(4, "big") + len(entries).to_bytes(4, "big")
    start, length = tables[0].start, 16 + len(content)
    made = length.to_bytes(4, "big") + b"ipma" + head + content
    left = properties.stop - start - length
    meta[start : properties.stop] = made + left.to_bytes(4, "big") + b"free" + bytes(left - 8)
    meta[properties.start : properties.start + 4] = (start + length - properties.start).to_bytes(4, "big")
    return properties._replace(stop=start + length)


def _entries(meta: bytearray, table: Box) -> Iterator[tuple[int, slice]]:
    """Yield the id of each item in the table `ipma`, and the range of its entries."""
    head = number(meta, table.body, 4)
    wide, long = 2 if head >> 24 == 0 else 4, 2 if head & 1 else 1
    at = table.body + 8
    for _ in range(number(meta, table.body + 4, 4)):
        stop = at + wide + 1 + long * number(meta, at + wide, 1)
        if stop > table.stop:
            raise UnstrippableImage("a table longer than its box")
        yield number(meta, at, wide), slice(at, stop)
        at = stop


def associations(meta: bytearray, properties: Box) -> Associations:
    """Return the contents of the tables `ipma` in the box `iprp`."""
    found: dict[int, list[tuple[bool, int]]] = defaultdict(list)
    for table in boxes(meta, properties.body, properties.stop):
        if table.kind != b"ipma":
            continue
        head = number(meta, table.body, 4)
        before, long = 3 if head >> 24 == 0 else 5, 2 if head & 1 else 1
        essential = 1 << (8 * long - 1)
        for item, entry in _entries(meta, table):
            for at in range(entry.start + before, entry.stop, long):
                said = number(meta, at, long)
                found[item].append((bool(said & essential), said & (essential - 1)))
    return found


def items(meta: bytearray, primary: Box, references: Box | None, alphas: Set[int]) -> set[int]:
    """Return the ids of the primary item and all it needs; `alphas` are the items declared as transparency."""
    made_of: dict[int, list[int]] = defaultdict(list)
    if references is not None:
        for kind, item, others in _references(meta, references):
            if kind in MADE_OF:
                made_of[item] += others
            elif kind == AUXILIARY and item in alphas:
                for other in others:
                    made_of[other].append(item)
    needed: set[int] = set()
    left = [number(meta, primary.body + 4, 4 if number(meta, primary.body, 1) else 2)]
    while left:
        item = left.pop()
        if item not in needed:
            needed.add(item)
            left += made_of[item]
    return needed


def _references(meta: bytearray, table: Box) -> Iterator[tuple[bytes, int, list[int]]]:
    wide = 4 if number(meta, table.body, 1) else 2
    for box in boxes(meta, table.body + 4, table.stop):
        at = box.body + wide + 2
        count = number(meta, at - 2, 2)
        if at + count * wide > box.stop:
            raise UnstrippableImage("a reference longer than its box")
        others = [number(meta, at + wide * number_, wide) for number_ in range(count)]
        yield box.kind, number(meta, box.body, wide), others


def alphas(meta: bytearray, all_properties: list[Box], associated: Associations) -> set[int]:
    """Return the items with a property that declares them as transparency."""
    said = {
        number_
        for number_, box in enumerate(all_properties, 1)
        if box.kind == b"auxC" and bytes(meta[box.body + 4 : box.stop]).startswith(ALPHA)
    }
    return {item for item, used in associated.items() if any(number_ in said for _, number_ in used)}


def unneeded(all_properties: list[Box], associated: Associations, needed: Set[int]) -> Iterator[Box]:
    """Return the properties that no item in `needed` has, or that do not affect how it is shown.

    Raises `UnstrippableImage` if such an item is invalid without one.
    """
    used = {number_: False for item in needed for _, number_ in associated.get(item, ())}
    for item in needed:
        for essential, number_ in associated.get(item, ()):
            used[number_] |= essential
    for number_, box in enumerate(all_properties, 1):
        if number_ not in used:
            yield box
        elif box.kind not in SHOWING:
            if used[number_]:
                raise UnstrippableImage("an unknown property that is needed")
            yield box
