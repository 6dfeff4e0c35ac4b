"""Compared with a browser by `tests/browser/test_damaged_images.py`; rows of `tests/support/corpus/forgiven.py`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.corpus.builders import noise, saved
from tests.support.images.containers import CHROMA, minimized
from tests.support.images.metadata_checks import PROFILE, opened, stripped
from tests.support.images.photos import corners
from tests.support.images.pictures import picture
from uploads.images.metadata import UnstrippableImage
from uploads.images.metadata.isobmff_mini import expanded, is_minimized


@pytest.mark.parametrize("subsampling", CHROMA)
def test_the_pixels_are_those_that_were_coded(subsampling: str):
    image = noise(70, 50)
    made = opened(expanded(minimized(image, subsampling=subsampling)))
    assert made.tobytes() == opened(saved(image, "AVIF", subsampling=subsampling)).tobytes()


def test_transparency_and_a_profile_come_along():
    image = noise(70, 50, "RGBA")
    made = opened(expanded(minimized(image, profile=PROFILE, quality=100)))
    assert made.info["icc_profile"] == PROFILE
    assert made.tobytes() == opened(saved(image, "AVIF", subsampling="4:4:4", quality=100)).tobytes()


def test_what_it_tells_stays_behind_and_the_result_is_an_ordinary_avif():
    content = minimized(corners(96, 64), exif=b"MM\0*secret", xmp=b"secret" * 300)
    made = expanded(content)
    assert (is_minimized(content), is_minimized(made), b"secret" in made) == (True, False, False)
    assert stripped("AVIF", made) == made


def test_an_ordinary_avif_is_not_minimized():
    assert not is_minimized(picture("AVIF"))
    with pytest.raises(UnstrippableImage):
        expanded(picture("AVIF"))


@pytest.mark.parametrize("bit", [0, 2, 3, 7])
def test_a_kind_that_is_not_read_here_is_said(bit: int):
    """Another version, other codecs, floating point, HDR."""
    content = bytearray(minimized(corners(96, 64)))
    content[content.index(b"mini") + 4] |= 0x80 >> bit
    with pytest.raises(UnstrippableImage):
        expanded(bytes(content))


GOOD = minimized(corners(64, 48))


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, 40))
def test_whatever_stands_there_is_read_or_unsafe(at: int, value: int, cut: int):
    content = bytearray(GOOD)
    content[at] = value
    try:
        expanded(bytes(content[: len(content) - cut]))
    except UnstrippableImage:
        return
