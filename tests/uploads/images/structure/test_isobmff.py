from __future__ import annotations

import struct

import pytest

from tests.support.corpus.builders import box, image, with_boxes, with_items
from tests.support.images.heic import iphone_photo
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.structure import content_type, problem

LIMITS = ImageLimits(max_boxes=100, max_profile_bytes=1000)
HEAD = box(b"ftyp", b"avif" + bytes(4))


def meta(*boxes: bytes) -> bytes:
    return HEAD + box(b"meta", bytes(4) + b"".join(boxes))


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_a_picture_is_no_problem(format_: str):
    assert problem(image(format_)(), LIMITS) is None
    assert problem(iphone_photo(), LIMITS) is None


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_the_boxes_are_counted_also_those_in_others(format_: str):
    assert problem(with_boxes(format_, box(b"free"), 60), LIMITS) is None
    assert problem(with_boxes(format_, box(b"free"), 100), LIMITS) == Code.IMAGE_TOO_COMPLEX
    assert problem(with_items(format_, 100), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_the_entries_of_tables_are_counted():
    """A decoder looks each one up among all others."""
    tables = [
        box(b"iloc", struct.pack(">IHH", 0, 0, 101)),
        box(b"iloc", struct.pack(">IHI", 2 << 24, 0, 70_000)),
        box(b"iprp", box(b"ipma", struct.pack(">II", 0, 101))),
        box(b"iref", bytes(4) + box(b"dimg", struct.pack(">HH", 1, 101))),
        box(b"iref", struct.pack(">I", 1 << 24) + box(b"dimg", struct.pack(">IH", 1, 101))),
        box(b"iinf", struct.pack(">IH", 0, 9) + box(b"infe") * 101),
        box(b"iinf", struct.pack(">II", 1 << 24, 9) + box(b"infe") * 101),
    ]
    assert [problem(meta(table), LIMITS) for table in tables] == [Code.IMAGE_TOO_COMPLEX] * len(tables)
    few = box(b"iref", struct.pack(">I", 1 << 24) + box(b"dimg", struct.pack(">IHI", 70_000, 1, 2)))
    assert problem(meta(few), LIMITS) is None


def test_a_colour_profile_is_measured():
    for length, found in ((900, None), (1000, Code.IMAGE_TOO_COMPLEX)):
        assert problem(meta(box(b"iprp", box(b"ipco", box(b"colr", bytes(length))))), LIMITS) == found


@pytest.mark.parametrize(
    ("brands", "found"),
    [
        (b"avif\0\0\0\0mif1miaf", "image/avif"),
        (b"mif1\0\0\0\0avif", "image/avif"),
        (b"heic\0\0\0\0mif1heic", "image/heic"),
        (b"mif1\0\0\0\0heic", "image/heic"),
        (b"msf1\0\0\0\0", "image/heic"),
        (b"isom\0\0\0\0mp42", None),
        (b"mp42heic", None),
        (b"", None),
    ],
)
def test_the_brands_say_what_a_file_holds(brands: bytes, found: str | None):
    assert content_type(box(b"ftyp", brands) + bytes(40)) == found


def test_a_film_is_refused_before_its_tables_are_read():
    assert problem(HEAD + box(b"moov"), LIMITS) == Code.UNSUPPORTED_TYPE
    assert problem(meta(box(b"moov")), LIMITS) is None


def test_boxes_in_boxes_of_their_own_kind_are_not_followed():
    content = b""
    for _ in range(5_000):
        content = box(b"iprp", content)
    assert problem(meta(content), LIMITS) is None


def test_tables_that_are_cut_off_are_left_to_the_decoder():
    assert problem(HEAD + box(b"iloc", b"\0"), LIMITS) is None
    assert problem(HEAD + b"\0\0\0\x09meta", LIMITS) is None
