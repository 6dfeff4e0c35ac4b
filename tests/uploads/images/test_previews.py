from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.support.corpus.builders import box, with_boxes
from tests.support.images.heic import burst, heic, iphone_photo
from tests.support.images.photos import CORNERS, SECRETS, corners
from tests.support.images.pictures import picture
from tests.support.images.stripped import PROFILE, XMP, opened
from uploads.core.errors import Code, Refusal
from uploads.images import checker, previews

MOST = 100_000_000


def rendered(photo: bytes, pixels: int = previews.SMALL_PIXELS) -> Image.Image:
    made = previews.render(photo, pixels, MOST)
    assert isinstance(made, bytes)
    return opened(made)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_preview_is_upright_and_reduced(orientation: int):
    made = rendered(iphone_photo(1200, 800, orientation=orientation))

    assert (made.format, made.size) == ("WEBP", (480, 320))
    seen = [made.getpixel(at) for at in ((9, 9), (470, 9), (9, 310), (470, 310))]
    assert [nearest(colour) for colour in seen] == list(CORNERS)


def nearest(colour: object) -> str:
    assert isinstance(colour, tuple)
    return min(CORNERS, key=lambda name: sum(abs(a - b) for a, b in zip(CORNERS[name], colour, strict=True)))


def test_a_small_photo_is_not_made_larger():
    assert rendered(picture("HEIF")).size == (320, 240)


def test_a_preview_has_the_photos_colours_and_tells_nothing_else():
    made = previews.render(iphone_photo(xmp=XMP, icc_profile=PROFILE), 480, MOST)

    assert isinstance(made, bytes)
    assert opened(made).info["icc_profile"] == PROFILE
    assert [secret for secret in SECRETS if secret in made] == []


def test_transparency_stays():
    image = corners(64, 48).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((64, 48)))
    alpha = rendered(heic(image)).getchannel("A")

    seen = [int.from_bytes(alpha.crop((9, row, 10, row + 1)).tobytes()) for row in (1, 46)]
    assert seen == [pytest.approx(0, abs=20), pytest.approx(255, abs=20)]


def test_of_several_pictures_the_primary_one_is_shown():
    assert rendered(burst()).size == (96, 64)


def test_what_is_too_large_is_not_decoded():
    assert previews.render(picture("HEIF"), 480, 320 * 240 - 1) == Code.TOO_MANY_PIXELS


def test_no_decoder_sees_what_is_too_much_work(monkeypatch: pytest.MonkeyPatch):
    """It may be requested before the photo has been checked."""
    monkeypatch.setattr(Image, "open", None)
    assert previews.render(with_boxes("HEIF", box(b"free"), 10_000), 480, MOST) == Code.IMAGE_TOO_COMPLEX


@pytest.mark.parametrize("content", [b"", picture("JPEG"), picture("HEIF")[:2000]], ids=["none", "JPEG", "cut off"])
def test_of_anything_else_there_is_none(content: bytes):
    """Only what browsers cannot show themselves is decoded on request."""
    assert previews.render(content, 480, MOST) == Code.IMAGE_UNREADABLE


def test_a_child_makes_it():
    made = checker.preview(io.BytesIO(picture("HEIF")), 100, MOST)
    assert opened(made).size == (100, 75)
    with pytest.raises(Refusal) as refused:
        checker.preview(io.BytesIO(b"nonsense"), 100, MOST)
    assert refused.value.code == Code.IMAGE_UNREADABLE
