"""What is stored of an image: the same pixels, colours and orientation, and nothing about people and places."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from tests.support.images.hostile import HTML, encoded
from tests.support.images.metadata_checks import PROFILE, TYPES, opened, stripped, telling
from tests.support.images.photos import SECRETS, corners
from tests.support.images.pictures import picture
from uploads.images import exif
from uploads.images.metadata import UnstrippableImage


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_colours_and_the_way_up_stay_and_everything_else_goes(format_: str, orientation: int):
    before = telling(format_, orientation)
    after = stripped(format_, before, orientation)

    was, now = opened(before), opened(after)
    assert [secret for secret in SECRETS if secret not in before] == []
    assert [secret for secret in SECRETS if secret in after] == []
    assert (now.mode, now.size, now.tobytes()) == (was.mode, was.size, was.tobytes())
    assert now.info.get("icc_profile") == PROFILE
    tags = Image.Exif()
    tags.load(now.info.get("exif", b""))
    # An HEIC was rotated when its pixels were decoded, and a WebP is rotated only by some browsers.
    told = orientation != 1 and format_ not in ("HEIF", "WEBP")
    assert dict(tags) == ({exif.ORIENTATION: orientation} if told else {})
    assert [name for name in now.info if name in ("xmp", "comment", "XML:com.adobe.xmp")] == []


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("orientation", [1, 6])
def test_what_was_stripped_once_stays_as_it_is(format_: str, orientation: int):
    once = stripped(format_, telling(format_, orientation), orientation)
    assert stripped(format_, once, orientation) == once


@pytest.mark.parametrize("format_", TYPES)
def test_an_image_that_tells_nothing_stays_byte_for_byte(format_: str):
    content = picture(format_)
    assert stripped(format_, content) == content or format_ in ("AVIF", "HEIF")


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("tail", [HTML, b"PK\3\4secret.zip", b"\0" * 7, b"\xff\xd8\xff\xe1secret"])
def test_what_is_appended_goes(format_: str, tail: bytes):
    assert stripped(format_, picture(format_) + tail) == stripped(format_, picture(format_))


@pytest.mark.parametrize("format_", TYPES)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_every_kind_of_pixels_stays(format_: str, mode: str):
    if (format_, mode) == ("JPEG", "RGBA"):
        mode = "CMYK"
    before = encoded(corners(64, 48).convert(mode), format_)
    after = stripped(format_, before)
    assert opened(after).tobytes() == opened(before).tobytes()


# --- Malformed images


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A valid image in which a few bytes were changed, or a part is missing or doubled."""
    format_ = draw(st.sampled_from(list(TYPES)))
    content = bytearray(telling(format_, 6))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content) - 1))
        change: Callable[[], None] = draw(
            st.sampled_from(
                [
                    lambda: content.__setitem__(at, draw(st.integers(0, 255))),  # noqa: B023 - called at once
                    lambda: content.__delitem__(slice(at, at + draw(st.integers(1, 40)))),  # noqa: B023
                    lambda: content.__setitem__(slice(at, at), bytes(content[at : at + 30])),  # noqa: B023
                ]
            )
        )
        change()
        content = content or bytearray(1)
    return format_, bytes(content)


@given(damaged())
@example(("JPEG", b""))
@example(("PNG", b"\x89PNG\r\n\x1a\n"))
@example(("WEBP", b"RIFF\0\0\0\0WEBP"))
@example(("AVIF", struct.pack(">I4s", 8, b"ftyp")))
@example(("HEIF", struct.pack(">I4s", 8, b"ftyp")))
def test_damaged_bytes_are_stripped_for_good_or_refused(damage: tuple[str, bytes]):
    format_, content = damage
    try:
        after = stripped(format_, content, 6)
    except UnstrippableImage:
        return
    assert len(after) <= len(content) + 64
    assert stripped(format_, after, 6) == after


@given(st.sampled_from(list(TYPES)), st.binary(max_size=300))
def test_any_bytes_are_stripped_or_refused(format_: str, content: bytes):
    head = picture(format_)[:30]
    for whole in (content, head + content):
        try:
            stripped(format_, whole)
        except UnstrippableImage:
            continue
