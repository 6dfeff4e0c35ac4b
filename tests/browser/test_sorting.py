"""A list sorted in one step, and images moved to the variant they are named after."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.support.browser.window import ProductForm
from tests.support.images.pictures import picture
from tests.support.servers.server import Server

DATES = 0x8769
TAKEN = 0x9003


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server for all of them: each sorts the images of its own draft."""
    return shared_server()


def named(folder: Path, *names: str) -> list[Path]:
    """Images with these names, no two alike."""
    for name in names:
        (folder / name).write_bytes(picture(seed=sum(name.encode())))
    return [folder / name for name in names]


def date(path: Path, day: int) -> Path:
    """Set the date on which an image says it was taken."""
    image = Image.open(BytesIO(path.read_bytes()))
    exif = image.getexif()
    exif.get_ifd(DATES)[TAKEN] = f"2026:05:{day:02} 12:00:00"
    image.save(path, "JPEG", exif=exif)
    return path


async def sort(form: ProductForm, item: str) -> None:
    await form.window.get_by_role("button", name="Sort Product images").click()
    await form.window.get_by_role("menuitem", name=item).click()


async def test_a_list_is_sorted_by_name_or_time_and_put_back(form: ProductForm, tmp_path: Path):
    paths = named(tmp_path, "img10.jpg", "b.jpg", "img2.jpg", "a.jpg")
    date(paths[0], 9), date(paths[2], 3)
    await form.stored_files(*paths)
    other = await form.another_tab()
    await sort(form, "Sort by name")
    await form.expect_names("a.jpg", "b.jpg", "img2.jpg", "img10.jpg")
    await other.expect_names("a.jpg", "b.jpg", "img2.jpg", "img10.jpg")
    await expect(form.window.get_by_role("status")).to_have_text("Product images sorted by name.")
    back = form.window.get_by_role("button", name="Put back")
    await back.click()
    await form.expect_names("img10.jpg", "b.jpg", "img2.jpg", "a.jpg")
    await expect(back).to_be_hidden()
    await expect(form.window.get_by_role("button", name="Sort Product images")).to_be_focused()

    await sort(form, "Sort by time taken")
    await form.expect_names("img2.jpg", "img10.jpg", "b.jpg", "a.jpg")
    await expect(back).to_be_visible()
    await other.menu("a.jpg", "Move to first")
    await form.expect_names("a.jpg", "img2.jpg", "img10.jpg", "b.jpg")
    await expect(back).to_be_hidden()


async def test_images_named_after_a_variant_are_offered_to_it_and_moved_only_on_request(
    form: ProductForm, tmp_path: Path
):
    for label in ("Red", "Blue"):
        await form.page.locator("[data-variant-add]").click()
        await form.page.locator("[data-variant-label]").last.fill(label)
    await form.stored_files(*named(tmp_path, "red-front.jpg", "plain.jpg", "red_side.jpg", "blue.jpg"))
    await form.expect_names("red-front.jpg", "plain.jpg", "red_side.jpg", "blue.jpg")
    to_red = form.window.get_by_role("group", name="2 images look like Red")
    to_blue = form.window.get_by_role("group", name="1 image looks like Blue")
    await to_blue.get_by_role("button", name="Not now").click()
    await expect(to_blue).to_be_hidden()
    await to_red.get_by_role("button", name="Move 2 images to Red").click()
    red = form.window.locator("[data-section]").filter(has_text="“Red”")
    await form.expect_names("red-front.jpg", "red_side.jpg", where=red)
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("2 images moved to .*Red"))
    await form.add(named(tmp_path, "blue-2.jpg"))
    await expect(form.window.get_by_role("group", name="1 image looks like Blue")).to_be_visible()
    await form.stored(5)
    await form.page.reload()
    await form.open_window()
    await form.stored(5)
    await expect(form.window.locator(".mf-offer")).to_have_text([re.compile("1 image looks like Blue")])
