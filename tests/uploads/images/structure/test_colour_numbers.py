from __future__ import annotations

import pytest

from tests.support.images.heic import PQ, PRIMARIES_2020, numbered_avif, numbered_png, patches
from tests.support.images.pictures import picture
from uploads.images.structure import colour_numbers

NUMBERS = {"color_primaries": PRIMARIES_2020, "transfer_characteristics": PQ}


@pytest.mark.parametrize("kind", [b"meta", b"pitm", b"iprp", b"ipco", b"ipma", b"colr", b"nclx"])
def test_an_avif_whose_numbers_cannot_be_read_has_none(kind: bytes):
    content = numbered_avif(patches([(148, 148, 148)]), PRIMARIES_2020, PQ)
    assert colour_numbers.read(content) == NUMBERS
    assert colour_numbers.read(content.replace(kind, b"free")) == {}
    assert colour_numbers.read(content[: content.index(kind) + 9]) == {}


def test_a_png_whose_numbers_cannot_be_read_has_none():
    content = numbered_png(patches([(148, 148, 148)]), PRIMARIES_2020, PQ)
    assert colour_numbers.read(content) == NUMBERS
    assert colour_numbers.read(content.replace(b"cICP", b"tEXt")) == {}
    assert colour_numbers.read(content[: content.index(b"cICP") + 5]) == {}


def test_a_png_without_numbers_has_none():
    assert colour_numbers.read(picture("PNG")) == {}
