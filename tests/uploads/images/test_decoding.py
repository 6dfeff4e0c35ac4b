from __future__ import annotations

import pytest

from tests.support.corpus.builders import with_chunks
from tests.support.images.containers import avif_with
from tests.support.images.metadata_checks import TYPES
from tests.support.images.pictures import picture
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.decoding import Picture, decoded

MANY = 10**8
PROFILE_BYTES = 1_500_000


@pytest.mark.parametrize("format_", TYPES)
def test_an_image_is_told_as_its_decoder_sees_it(format_: str):
    orientation = 1 if format_ == "AVIF" else None
    assert decoded(picture(format_), MANY, ImageLimits()) == Picture(TYPES[format_], 320, 240, orientation)


def test_the_turn_of_an_avif_is_its_own():
    turned = avif_with(picture("AVIF"), [b"\0\0\0\x09irot\1"])
    assert decoded(turned, MANY, ImageLimits()) == Picture("image/avif", 320, 240, 8)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"GIF89a", picture()[:700]])
def test_what_no_decoder_reads_is_refused_with_a_code(content: bytes):
    assert decoded(content, MANY, ImageLimits()) in (Code.IMAGE_UNREADABLE, Code.IMAGE_TRUNCATED)


def test_a_profile_may_be_as_large_as_ours_allow():
    """Pillow's own limit is a megabyte."""
    import zlib

    content = with_chunks((b"iCCP", b"a\0\0" + zlib.compress(bytes(PROFILE_BYTES))))
    assert isinstance(decoded(content, MANY, ImageLimits()), Picture)
    assert decoded(content, MANY, ImageLimits(max_profile_bytes=PROFILE_BYTES - 1)) == Code.IMAGE_UNREADABLE
