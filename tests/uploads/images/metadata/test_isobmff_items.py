from __future__ import annotations

import struct
from typing import NamedTuple

import pytest

from uploads.images.metadata.isobmff_boxes import Box
from uploads.images.metadata.isobmff_items import places, without_others
from uploads.images.metadata.segments import UnstrippableImage


def whole(table: bytes | bytearray) -> Box:
    return Box(b"iloc", 0, 0, len(table))


def entry(item: int, kind: bytes, words: bytes = b"\0", version: int = 2) -> bytes:
    body = struct.pack(">B3x", version) + struct.pack(">HH" if version == 2 else ">IH", item, 0) + kind + words
    return struct.pack(">I4s", 8 + len(body), b"infe") + body


def table_of_items(*entries: bytes) -> bytearray:
    return bytearray(struct.pack(">IH", 0, len(entries)) + b"".join(entries))


class Place(NamedTuple):
    item: int
    start: int
    length: int
    where: int = 0
    other_file: int = 0


def table_of_places(*found: Place, version: int = 1) -> bytearray:
    """Offsets and lengths of four bytes, one extent per item."""
    wide = ">H" if version < 2 else ">I"
    table = struct.pack(">B3xBB", version, 0x44, 0) + struct.pack(wide, len(found))
    for place in found:
        table += struct.pack(wide, place.item)
        table += struct.pack(">H", place.where) if version else b""
        table += struct.pack(">HHII", place.other_file, 1, place.start, place.length)
    return bytearray(table)


@pytest.mark.parametrize("version", [2, 3])
def test_items_that_are_no_picture_lose_their_kind_and_all_lose_their_names(version: int):
    words = b"name\0application/rdf+xml\0"
    entries = [entry(1, b"hvc1", words, version), entry(2, b"Exif", words, version), entry(3, b"mime", words, version)]
    meta = table_of_items(*entries)
    length = len(meta)

    assert without_others(meta, whole(meta), {1}) == {1}
    assert (len(meta), meta.count(b"hvc1"), meta.count(b"skip")) == (length, 1, 2)
    assert b"name" not in meta
    assert b"rdf" not in meta


def test_a_picture_that_is_not_needed_loses_its_kind_as_well():
    meta = table_of_items(entry(1, b"hvc1"), entry(2, b"hvc1"))

    assert without_others(meta, whole(meta), {2}) == {2}
    assert (meta.count(b"hvc1"), meta.count(b"skip")) == (1, 1)


@pytest.mark.parametrize("kind", [b"Exif", b"hvc1"])
def test_what_is_needed_must_be_there_and_a_picture(kind: bytes):
    meta = table_of_items(entry(1, kind), entry(2, b"hvc1"))
    with pytest.raises(UnstrippableImage):
        without_others(meta, whole(meta), {1, 3} if kind == b"hvc1" else {1, 2})


@pytest.mark.parametrize("wrong", [entry(1, b"hvc1", version=4), entry(1, b""), b"\0\0\0\x08infx"])
def test_an_entry_of_another_kind_is_refused(wrong: bytes):
    meta = table_of_items(wrong)
    with pytest.raises(UnstrippableImage):
        without_others(meta, whole(meta), {1})


@pytest.mark.parametrize("version", [0, 1, 2])
def test_pictures_are_found_in_order_in_the_file_and_in_the_table_itself(version: int):
    found = [Place(1, 50, 5), Place(2, 10, 5), Place(3, 20, 5)] + ([Place(4, 7, 2, where=1)] if version else [])
    meta = table_of_places(*found, version=version)

    in_meta = [slice(7, 9)] if version else []
    assert places(meta, whole(meta), {1, 2, 4}) == ([slice(10, 15), slice(50, 55)], in_meta)


def test_two_pictures_may_share_their_bytes_but_none_with_what_goes():
    shared = table_of_places(Place(1, 10, 9), Place(2, 12, 3), Place(3, 19, 4))
    assert places(shared, whole(shared), {1, 2}) == ([slice(10, 19), slice(12, 15)], [])
    with pytest.raises(UnstrippableImage, match="overlap"):
        places(shared, whole(shared), {1})


@pytest.mark.parametrize(
    "wrong",
    [Place(1, 5, 0), Place(1, 5, 5, where=2), Place(1, 5, 5, other_file=1)],
    ids=["no length", "made of items", "another file"],
)
def test_a_place_said_in_another_way_is_refused(wrong: Place):
    meta = table_of_places(wrong)
    with pytest.raises(UnstrippableImage):
        places(meta, whole(meta), {1})


@pytest.mark.parametrize("cut", [1, 7, 20])
def test_a_table_cut_off_is_refused(cut: int):
    meta = table_of_places(Place(1, 5, 5), Place(2, 10, 5))[:-cut]
    with pytest.raises(UnstrippableImage):
        places(meta, whole(meta), {1})


def test_a_table_of_another_version_is_refused():
    meta = table_of_places(Place(1, 5, 5), version=3)
    with pytest.raises(UnstrippableImage, match="unknown"):
        places(meta, whole(meta), {1})
