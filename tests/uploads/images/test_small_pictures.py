from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageCms

from tests.support.corpus.builders import box, saved, with_boxes
from tests.support.images.heic import burst, heic, iphone_photo
from tests.support.images.metadata_checks import XMP, opened
from tests.support.images.photos import CORNERS, SECRETS, corners, exif_block, turned
from tests.support.images.pictures import picture
from tests.support.images.profiles import display_p3
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.core.small_pictures import WIDTHS
from uploads.images import checker
from uploads.images.decoding import Picture, decoded

MOST = 100_000_000


def made(content: bytes, width: int = 320) -> Image.Image:
    """Return the small picture that a child makes on request."""
    answer = checker._small_picture(content, MOST, width)
    assert isinstance(answer, bytes), answer
    return opened(answer)


def all_made(content: bytes, orientation: int = 1) -> list[Image.Image]:
    """Those that the check makes."""
    told = decoded(content, MOST, ImageLimits(), orientation, WIDTHS)
    assert isinstance(told, Picture), told
    return [opened(one) for one in told.small]


def seen(image: Image.Image) -> list[str]:
    """The colours of the corners."""
    width, height = image.size
    places = ((9, 9), (width - 9, 9), (9, height - 9), (width - 9, height - 9))
    return [nearest(image.convert("RGB").getpixel(at)) for at in places]


def nearest(colour: object) -> str:
    assert isinstance(colour, tuple)
    return min(CORNERS, key=lambda name: sum(abs(a - b) for a, b in zip(CORNERS[name], colour, strict=True)))


# --- Size and place


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_both_are_made_of_one_image_and_say_nothing_else(format_: str):
    content = saved(corners(2400, 1600), format_, exif=exif_block().tobytes())
    pictures = all_made(content)

    assert [(one.format, one.size) for one in pictures] == [("WEBP", (320, 213)), ("WEBP", (1280, 853))]
    assert [seen(one) for one in pictures] == [list(CORNERS)] * 2
    assert [set(one.info) & {"exif", "xmp", "icc_profile"} for one in pictures] == [set()] * 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(900, 600), (1400, 2000)], ids=["across", "portrait"])
def test_it_is_upright(orientation: int, size: tuple[int, int]):
    content = saved(turned(corners(*size), orientation), "JPEG", exif=exif_block(orientation).tobytes())
    for width in WIDTHS:
        shown = made(content, width)
        across = min(width, size[0])
        assert shown.size == (across, round(across * size[1] / size[0]))
        assert seen(shown) == list(CORNERS)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_of_a_heic_photo_is_upright(orientation: int):
    shown = made(iphone_photo(1200, 800, orientation=orientation))
    assert (shown.size, seen(shown)) == ((320, 213), list(CORNERS))


def test_an_image_is_not_made_larger():
    assert [one.size for one in all_made(picture(width=300, height=200))] == [(300, 200)] * 2


def test_a_strip_is_no_taller_than_four_times_its_width():
    assert [one.size for one in all_made(saved(Image.new("RGB", (400, 12_000)), "PNG"))] == [(43, 1280), (171, 5120)]


@pytest.mark.parametrize("side", [1281, 2559, 2560, 2561, 5121, 10_241])
def test_no_jpeg_is_decoded_to_fewer_pixels_than_are_shown(side: int):
    """At an eighth, a quarter or a half as far as that is enough."""
    lines = Image.new("L", (side, 8))
    lines.paste(255, (side // 2, 0, side, 8))
    edge = all_made(saved(lines, "JPEG", quality=95))[1].convert("L").crop((0, 2, 1280, 3)).tobytes()
    assert len([value for value in edge if 40 < value < 215]) <= 2


def test_of_several_pictures_the_primary_one_is_shown():
    assert made(burst()).size == (96, 64)


def test_it_tells_nothing_of_people_and_places():
    answer = checker._small_picture(iphone_photo(xmp=XMP), MOST, 320)
    assert isinstance(answer, bytes)
    assert [secret for secret in SECRETS if secret in answer] == []


# --- Colours


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {}),
        ("P", {}),
        ("L", {}),
        ("LA", {}),
        ("RGBA", {}),
        ("1", {}),
        ("I;16", {}),
        ("P", {"transparency": 0}),
        ("RGB", {"transparency": (255, 0, 0)}),
        ("L", {"transparency": 255}),
    ],
    ids=str,
)
def test_a_png_of_every_kind_keeps_its_colours(mode: str, options: dict[str, Any]):
    source = sixteen_bits(700, 500) if mode == "I;16" else corners(700, 500).convert(mode, dither=Image.Dither.NONE)
    content = saved(source, "PNG", **options)
    whole = opened(content).convert("RGBA") if mode != "I;16" else grey(700, 500).convert("RGBA")
    for shown in all_made(content):
        scale = 700 / shown.width
        for at in ((9, 9), (shown.width - 9, 9), (9, shown.height - 9), (shown.width - 9, shown.height - 9)):
            wanted = whole.getpixel((int(at[0] * scale), int(at[1] * scale)))
            found = shown.convert("RGBA").getpixel(at)
            assert isinstance(wanted, tuple)
            assert isinstance(found, tuple)
            assert found[3] == pytest.approx(wanted[3], abs=8)
            assert wanted[3] == 0 or found[:3] == pytest.approx(wanted[:3], abs=14)


def grey(width: int, height: int) -> Image.Image:
    return corners(width, height).convert("L")


def sixteen_bits(width: int, height: int) -> Image.Image:
    return grey(width, height).convert("I").point(lambda value: value * 257).convert("I;16")


def test_a_cmyk_photo_is_shown_in_its_colours():
    assert seen(made(saved(corners(900, 600).convert("CMYK"), "JPEG"))) == list(CORNERS)


def test_transparency_stays():
    image = corners(64, 48).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((64, 48)))
    for content in (heic(image), saved(image, "PNG"), saved(image, "WEBP")):
        alpha = made(content).getchannel("A")
        assert [alpha.getpixel((9, row)) for row in (1, 46)] == [
            pytest.approx(0, abs=20),
            pytest.approx(255, abs=20),
        ]


def test_colours_of_a_wider_space_are_those_of_the_same_place_in_srgb():
    """The green of Display P3 at (100, 200, 100) is (45, 203, 86) in sRGB, as browsers show it."""
    content = saved(Image.new("RGB", (700, 500), (100, 200, 100)), "PNG", icc_profile=display_p3())
    assert made(content).getpixel((100, 100)) == pytest.approx((45, 203, 86), abs=3)


@pytest.mark.parametrize("profile", [b"broken", bytes(200)])
def test_a_broken_profile_does_not_count(profile: bytes):
    assert seen(made(saved(corners(700, 500), "JPEG", icc_profile=profile))) == list(CORNERS)


def test_the_profile_of_another_kind_of_image_does_not_count():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    shown = made(saved(grey(700, 500), "PNG", icc_profile=srgb))
    assert shown.getpixel((9, 9)) == pytest.approx((76, 76, 76), abs=3)


# --- What is refused


def test_what_is_too_large_is_not_decoded():
    assert checker._small_picture(picture("HEIF"), 320 * 240 - 1, 320) == Code.TOO_MANY_PIXELS


def test_no_decoder_sees_what_is_too_much_work(monkeypatch: pytest.MonkeyPatch):
    """It may be asked for before the image was checked."""
    monkeypatch.setattr(Image, "open", None)
    content = with_boxes("HEIF", box(b"free"), 10_000)
    assert checker._small_picture(content, MOST, 320) == Code.IMAGE_TOO_COMPLEX


@pytest.mark.parametrize("content", [b"", b"nonsense", picture("HEIF")[:2000], picture("JPEG")[:2000]])
def test_of_what_is_no_whole_image_there_is_none(content: bytes):
    assert isinstance(checker._small_picture(content, MOST, 320), Code)


def test_an_image_that_none_can_be_made_of_is_taken_all_the_same(monkeypatch: pytest.MonkeyPatch):
    from uploads.images import small_pictures

    monkeypatch.setattr(small_pictures, "made", lambda *_: 1 / 0)
    assert decoded(picture(), MOST, ImageLimits(), widths=WIDTHS) == Picture("image/jpeg", 320, 240, None)
    assert checker._small_picture(picture(), MOST, 320) == Code.IMAGE_UNREADABLE
