"""Colours that a container gives the numbers of are shown in sRGB."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from tests.support.images.heic import (
    HLG,
    PQ,
    PRIMARIES_2020,
    PRIMARIES_P3,
    SRGB,
    Colour,
    in_hdr,
    numbered,
    numbered_avif,
    numbered_png,
    patches,
)
from tests.support.images.metadata_checks import PROFILE, opened
from uploads.images import checker

OTHERS: list[Colour] = [(0, 0, 0), (128, 128, 128), (60, 60, 60), (224, 172, 140), (30, 90, 160), (16, 40, 8)]


def shown(*colours: Colour, primaries: int, transfer: int, **options: object) -> list[Colour]:
    """The colours of the preview of a photo with areas of these colours, as they are coded."""
    return colours_of(numbered(patches(colours), primaries, transfer, **options))


def colours_of(content: bytes) -> list[Colour]:
    """The colours of the preview of `patches`."""
    made = checker._small_picture(content, 10**8, 640)
    assert isinstance(made, bytes)
    preview = opened(made).convert("RGB")
    return [colour_at(preview, at) for at in range(32, preview.width, 64)]


def colour_at(image: Image.Image, x: int) -> Colour:
    colour = image.getpixel((x, 32))
    assert isinstance(colour, tuple)
    return colour[0], colour[1], colour[2]


def close(colours: list[Colour]) -> list[object]:
    """A preview is not lossless, and has a fourth of its colours."""
    return [pytest.approx(colour, abs=8) for colour in colours]


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_what_is_as_bright_as_paper_is_shown_as_it_was(transfer: int):
    seen = [in_hdr(colour, transfer) for colour in OTHERS]

    assert shown(*seen, primaries=PRIMARIES_2020, transfer=transfer) == close(OTHERS)


@pytest.mark.parametrize("transfer", [PQ, HLG])
@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)])
def test_paper_is_nearly_as_bright_as_can_be(transfer: int, colour: Colour):
    """A little room is left for what is brighter; in PQ a step of its 256 is a large one for what is full of colour."""
    (seen,) = shown(in_hdr(colour, transfer), primaries=PRIMARIES_2020, transfer=transfer)

    assert seen == pytest.approx(tuple(249 if part else 0 for part in colour), abs=26)
    assert max(seen) >= 245


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_what_is_brighter_is_told_apart_up_to_the_brightest(transfer: int):
    greys = [shade[0] for shade in shown(*((n, n, n) for n in (200, 220, 255)), primaries=9, transfer=transfer)]

    assert greys == sorted(greys)
    assert greys[0] > 249
    assert greys[-1] >= 253


def test_what_srgb_lacks_is_its_nearest():
    assert shown((0, 148, 0), primaries=PRIMARIES_2020, transfer=PQ) == close([(0, 255, 0)])


def test_a_profile_counts_more_than_numbers():
    assert shown((148, 9, 9), primaries=PRIMARIES_2020, transfer=PQ, icc_profile=PROFILE) == close([(148, 9, 9)])


def test_colours_of_srgb_stay():
    assert shown(*OTHERS, primaries=1, transfer=SRGB) == close(OTHERS)


def test_transparency_stays():
    image = Image.new("RGBA", (64, 64), (*in_hdr((255, 0, 0), PQ), 99))
    made = checker._small_picture(numbered(image, PRIMARIES_2020, PQ), 10**8, 64)

    assert isinstance(made, bytes)
    assert opened(made).getpixel((32, 32)) == pytest.approx((249, 0, 0, 99), abs=8)


def test_a_wide_gamut_is_brought_into_srgb():
    """As Chromium shows these colours: `tests/browser/test_heic.py` asks it."""
    assert shown((136, 83, 56), primaries=PRIMARIES_P3, transfer=SRGB) == close([(144, 81, 51)])


@pytest.mark.parametrize("made", [numbered_avif, numbered_png])
@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_an_avif_and_a_png_are_read_like_a_heic(made: Callable[..., bytes], transfer: int):
    """Dark blue is too near the edge of PQ for an AVIF, which is not lossless."""
    wanted = OTHERS[:4]

    assert colours_of(made(patches([in_hdr(colour, transfer) for colour in wanted]), 9, transfer)) == close(wanted)
    assert colours_of(made(patches(wanted), 1, SRGB)) == close(wanted)


def test_a_profile_counts_more_than_the_numbers_of_a_png():
    content = numbered_png(patches([(148, 9, 9)]), PRIMARIES_2020, PQ, icc_profile=PROFILE)
    assert colours_of(content) == close([(148, 9, 9)])


def test_white_of_an_avif_in_hdr_is_not_grey():
    (seen,) = colours_of(numbered_avif(patches([(148, 148, 148)]), PRIMARIES_2020, PQ))
    assert min(seen) >= 245
