from __future__ import annotations

from typing import Any

import pytest

from tests.support.corpus.builders import noise, saved
from tests.support.images.hostile import encoded, frames
from tests.support.images.metadata_checks import XMP, opened, segment, stripped, telling
from tests.support.images.photos import SECRETS, corners
from tests.support.images.pictures import photo, picture
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.decoding import decoded
from uploads.images.metadata import UnstrippableImage


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"restart_marker_rows": 1},
        {"subsampling": 0, "optimize": True},
        {"comment": b"Ada Secret"},
        {"quality": 100},
    ],
    ids=lambda options: next(iter(options)),
)
def test_every_kind_of_jpeg_keeps_its_pixels(options: dict[str, Any]):
    before = telling("JPEG", **options)
    after = stripped("JPEG", before)
    assert opened(after).tobytes() == opened(before).tobytes()
    assert [secret for secret in SECRETS if secret in after] == []


def test_a_large_noisy_jpeg_stays_byte_for_byte():
    assert stripped("JPEG", photo(1)) == photo(1)


def test_the_pictures_behind_the_first_go():
    after = stripped("JPEG", frames("MPO"))
    assert b"MPF\0" not in after
    assert (opened(after).format, after[-2:], after.count(b"\xff\xd9")) == ("JPEG", b"\xff\xd9", 1)


def test_the_small_picture_in_the_header_goes():
    content = picture("JPEG")
    header = content[4:20]
    small = segment(0xE0, header[2:14] + b"\x01\x01" + b"abc") + segment(0xE0, b"JFXX\0\x10secret")
    assert stripped("JPEG", content[:2] + small + content[20:]) == content


@pytest.mark.parametrize(
    "added",
    [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xED, b"Photoshop 3.0\08BIM\x04\x04secret"),
        segment(0xEB, b"JP\0\0c2pa"),
        segment(0xE2, b"MPF\0secret"),
        segment(0xFE, b"secret"),
        b"secret",
        b"\xff" * 5,
    ],
)
def test_other_segments_and_what_lies_between_them_go(added: bytes):
    content = picture("JPEG")
    assert stripped("JPEG", content[:20] + added + content[20:]) == content


def test_a_segment_between_two_scans_goes():
    content = encoded(corners(64, 48), "JPEG", progressive=True)
    at = content.rindex(b"\xff\xc4")
    assert stripped("JPEG", content[:at] + segment(0xFE, b"secret") + content[at:]) == content


def test_the_colours_of_a_jpeg_by_adobe_stay():
    before = encoded(corners(64, 48).convert("CMYK"), "JPEG")
    assert b"Adobe" in stripped("JPEG", before)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_zeros_in_the_place_of_pixels_are_no_end(progressive: bool, part: float):
    """As left by an interrupted copy. Decoders would treat the zeros as pixels."""
    whole = saved(noise(300, 200), "JPEG", progressive=progressive)
    at = int(len(whole) * part)
    half = whole[:at] + bytes(len(whole) - at)
    try:
        content = stripped("JPEG", half)
    except UnstrippableImage:
        content = half
    assert decoded(content, 10**8, ImageLimits()) == Code.IMAGE_TRUNCATED


def test_a_progressive_jpeg_that_lacks_a_scan_has_no_end():
    """It shows an image, less sharp than it was."""
    content = encoded(corners(64, 48), "JPEG", progressive=True)
    with pytest.raises(UnstrippableImage):
        stripped("JPEG", content[: content.rindex(b"\xff\xc4")])
    assert stripped("JPEG", content[:-2]) == content


def test_a_jpeg_without_anything_in_the_place_of_its_end_is_cut_off():
    """Browsers wait for more and do not show its last rows."""
    with pytest.raises(UnstrippableImage):
        stripped("JPEG", picture()[:-2])


def test_the_pixels_end_where_the_zeros_begin():
    content = picture()
    assert stripped("JPEG", content[:-2] + bytes(10_000)) == content
    # A zero that belongs to them stays.
    stuffed = content[:-2] + b"\xff\0"
    assert stripped("JPEG", stuffed + bytes(10)) == stuffed + b"\xff\xd9"
