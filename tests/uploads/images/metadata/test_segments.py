from __future__ import annotations

import pytest
from PIL import Image

from uploads.images import exif
from uploads.images.metadata.segments import ZEROS, UnstrippableImage, number, turned, zeros


def test_a_number_is_read_where_the_bytes_have_it_and_nowhere_else():
    assert number(b"\0\1\2", 1, 2) == 0x102
    for at in (-1, 2, 3):
        with pytest.raises(UnstrippableImage):
            number(b"\0\1\2", at, 2)


@pytest.mark.parametrize("length", [0, 1, ZEROS, ZEROS + 1])
def test_zeros_come_a_little_at_a_time(length: int):
    parts = list(zeros(length))
    assert b"".join(parts) == bytes(length)
    assert max(map(len, parts), default=0) <= ZEROS


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_orientation_is_all_that_is_said(orientation: int):
    tags = Image.Exif()
    tags.load(b"Exif\0\0" + turned(orientation))
    assert dict(tags) == {exif.ORIENTATION: orientation}
