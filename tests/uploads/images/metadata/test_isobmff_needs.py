from __future__ import annotations

import struct
from collections.abc import Set

import pytest
from PIL import UnidentifiedImageError

from tests.support.corpus.builders import noise, saved
from tests.support.images.containers import associations, avif_with, parted
from tests.support.images.metadata_checks import opened, stripped
from tests.support.images.pictures import picture
from uploads.images.metadata import isobmff_needs
from uploads.images.metadata.isobmff_boxes import Box
from uploads.images.metadata.segments import UnstrippableImage

ALPHA = b"auxC" + bytes(4) + isobmff_needs.ALPHA[0]
DEPTH = b"auxC" + bytes(4) + b"urn:mpeg:hevc:2015:auxid:2\0"


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def whole(content: bytes, kind: bytes = b"iref") -> tuple[bytearray, Box]:
    return bytearray(content), Box(kind, 0, 0, len(content))


def needed(primary: int, references: list[tuple[bytes, int, list[int]]], alphas: Set[int] = frozenset()) -> set[int]:
    boxes = [box(kind, struct.pack(f">HH{len(to)}H", item, len(to), *to)) for kind, item, to in references]
    content = struct.pack(">IH", 0, primary) + bytes(4) + b"".join(boxes)
    return isobmff_needs.items(bytearray(content), Box(b"pitm", 0, 0, 6), Box(b"iref", 6, 6, len(content)), alphas)


def test_a_picture_needs_what_it_is_made_of_and_its_transparency():
    references = [
        (b"dimg", 1, [2, 3]),
        (b"auxl", 4, [1]),
        (b"dimg", 4, [5]),
        (b"thmb", 6, [1]),
        (b"auxl", 7, [1]),
        (b"cdsc", 8, [1]),
        (b"dimg", 9, [1]),
    ]
    assert needed(1, references, alphas={4}) == {1, 2, 3, 4, 5}


def test_references_in_a_circle_end():
    assert needed(1, [(b"dimg", 1, [2]), (b"dimg", 2, [1])]) == {1, 2}


def test_a_reference_longer_than_its_box_is_refused():
    content, table = whole(bytes(4) + box(b"dimg", struct.pack(">HHH", 1, 2, 3)) + bytes(8))
    with pytest.raises(UnstrippableImage):
        isobmff_needs.items(content, Box(b"pitm", 0, 0, 6), table, set())


@pytest.mark.parametrize(("version", "flags"), [(0, 0), (1, 1)])
def test_what_belongs_to_an_item_is_read_in_every_width(version: int, flags: int):
    entry = struct.pack(">HB2B" if not version else ">IB2H", 7, 2, *((0x81, 2) if not flags else (0x8001, 2)))
    content, table = whole(box(b"ipma", struct.pack(">B3BI", version, 0, 0, flags, 1) + entry), b"iprp")
    assert isobmff_needs.associations(content, table) == {7: [(True, 1), (False, 2)]}


def properties(*contents: bytes) -> tuple[bytearray, list[Box]]:
    meta, found = bytearray(), []
    for content in contents:
        found.append(Box(content[:4], len(meta), len(meta) + 8, len(meta) + 4 + len(content)))
        meta += struct.pack(">I", 4 + len(content)) + content
    return meta, found


def test_transparency_is_known_by_what_it_says():
    meta, found = properties(b"ispe", ALPHA, DEPTH)
    assert isobmff_needs.alphas(meta, found, {1: [(True, 1)], 2: [(True, 2)], 3: [(True, 3)]}) == {2}


def test_properties_of_other_pictures_and_unknown_ones_are_not_needed():
    _, found = properties(b"ispe", b"colr", b"udes", b"hvcC")
    associated = {1: [(False, 1), (False, 3), (True, 4)], 2: [(False, 2)]}
    assert list(isobmff_needs.unneeded(found, associated, {1})) == [found[1], found[2]]


def test_without_a_property_it_is_lost_without_a_picture_is_refused():
    _, found = properties(b"ispe", b"what")
    with pytest.raises(UnstrippableImage):
        list(isobmff_needs.unneeded(found, {1: [(True, 2)]}, {1}))


def test_tables_of_one_kind_become_one():
    """AVIF decoders stop at the second; the offsets of everything else stay."""
    image = noise(64, 48, "RGBA")
    before = saved(image, "AVIF")
    after = stripped("AVIF", parted(before))
    assert len(after) == len(parted(before))
    assert opened(after).tobytes() == opened(before).tobytes()
    assert stripped("AVIF", after) == after
    with pytest.raises(UnidentifiedImageError):
        opened(parted(before))


def test_tables_that_name_an_item_twice_stay_as_they_are():
    """No browser shows such a file."""
    content = avif_with(picture("AVIF"), [], associations([1]))
    assert stripped("AVIF", content).count(b"ipma") == 2
