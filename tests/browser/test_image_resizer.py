"""A file that is too large, and the smaller copy that the dialog offers to make."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest_asyncio
from PIL import Image
from playwright.async_api import BrowserContext, expect

from tests.support.browser.window import ProductForm, new_product
from tests.support.images.pictures import photo
from tests.support.servers.server import Server

LIMITS = '{"max_file_bytes": 600000, "max_pixels": 2000000}'
SIDEWAYS = 6
"""The EXIF orientation of a photo taken with the phone upright."""


SERVER = {"UPLOADS_GRACE_SECONDS": "30", "UPLOADS_LIMITS": LIMITS}


@pytest_asyncio.fixture(loop_scope="session")
async def window(context: BrowserContext, server: Server) -> ProductForm:
    """An open dialog of a new draft."""
    form = await new_product(context, server.url)
    await form.open_window()
    return form


async def test_a_file_of_too_many_bytes_is_added_as_a_smaller_copy(window: ProductForm, server: Server, tmp_path: Path):
    with Image.open(io.BytesIO(photo(1))) as image:
        exif = image.getexif()
        exif[0x0112] = SIDEWAYS
        half = image.crop((0, 0, image.width, image.height // 2))
        half.save(tmp_path / "tall.jpg", quality=95, exif=exif)
        half.save(tmp_path / "large.jpg", quality=100, exif=exif)
    assert (tmp_path / "large.jpg").stat().st_size > 600_000
    await window.add([tmp_path / "large.jpg"])
    problems = window.window.locator(".mf-problems")
    await expect(problems).to_contain_text("The limit is 600 kB.")
    await problems.get_by_role("button", name="Upload a smaller copy").click()
    await window.stored(1)

    await window.expect_names("large.jpg")
    await expect(problems).to_be_hidden()
    await expect(window.window.locator(".mf-banner:visible")).to_have_text(
        re.compile(r"Smaller copy of “large\.jpg”: \d+ kB instead of [\d.]+ (kB|MB), \d+ . \d+\.\s*Dismiss")
    )
    (stored,) = server.temp_images()
    with Image.open(stored) as copy:
        assert (copy.width, copy.height) == (half.height, half.width)
        assert copy.format == "JPEG"
    assert stored.stat().st_size <= 600_000


async def test_an_image_of_too_many_pixels_gives_its_place_to_a_smaller_copy(
    window: ProductForm, tmp_path: Path, photos: Callable[..., list[Path]]
):
    Image.new("RGBA", (2000, 1500), (0, 90, 200, 128)).save(tmp_path / "wide.png")
    await window.add([tmp_path / "wide.png", *photos(2)])
    await expect(window.card("wide.png")).to_have_attribute("data-state", "failed")
    await window.card("wide.png").get_by_role("button", name="Upload a smaller copy").click()

    await window.stored(2)
    await window.expect_names("wide.webp", "2.jpg")


async def test_what_this_browser_cannot_read_says_so(window: ProductForm, tmp_path: Path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8" + bytes(700_000))
    await window.add([tmp_path / "broken.jpg"])
    await window.window.get_by_role("button", name="Upload a smaller copy").click()

    await expect(window.window.locator(".mf-banner:visible")).to_contain_text(
        "This browser cannot make a smaller copy of “broken.jpg”."
    )
    await expect(window.window.locator(".mf-problems")).to_contain_text("broken.jpg")
    await expect(window.cards()).to_have_count(0)
