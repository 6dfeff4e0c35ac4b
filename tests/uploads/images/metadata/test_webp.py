from __future__ import annotations

import struct

import pytest

from tests.support.images.hostile import encoded, frames
from tests.support.images.metadata_checks import XMP, opened, stripped, telling
from tests.support.images.photos import corners
from tests.support.images.pictures import picture
from uploads.images.metadata import UnstrippableImage


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"lossless": True, "exact": True}])
def test_every_kind_of_webp_keeps_its_pixels(options: dict[str, object]):
    before = encoded(corners(64, 48).convert("RGBA"), "WEBP", xmp=XMP, **options)
    after = stripped("WEBP", before)
    assert b"Secret" not in after
    assert opened(after).tobytes() == opened(before).tobytes()


def test_the_flags_of_a_webp_say_what_is_left():
    after = stripped("WEBP", telling("WEBP", 6), 6)
    assert (after[20] & 0x0C, int.from_bytes(after[4:8], "little")) == (0, len(after) - 8)


def test_an_orientation_that_only_some_browsers_follow_goes():
    assert b"EXIF" not in stripped("WEBP", telling("WEBP", 6), 6)


def test_chunks_a_webp_may_not_have_go():
    content = picture("WEBP")
    more = b"XMP " + struct.pack("<I", 6) + b"secret"
    grown = content[:4] + struct.pack("<I", len(content) - 8 + len(more)) + content[8:] + more
    assert stripped("WEBP", grown) == content


def test_an_animation_is_not_stripped():
    with pytest.raises(UnstrippableImage):
        stripped("WEBP", frames("WEBP"))
