"""Unusual files that people really have, which used to be refused, misnamed or silently skipped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.support.browser.window import ProductForm
from tests.support.images.hostile import frames
from tests.support.images.pictures import picture
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
LINK = [{"mimeType": "text/uri-list", "data": "https://example.org/mug.jpg"}]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server(UPLOADS_GRACE_SECONDS="30")


def problems(form: ProductForm) -> Locator:
    return form.window.locator(".mf-problems").get_by_role("listitem")


# --- No file is skipped silently


async def test_u13_a_hidden_file_that_is_chosen_or_dropped_is_taken(form: ProductForm, tmp_path: Path):
    for seed in (1, 2):
        (tmp_path / f".{seed}.jpg").write_bytes(picture(seed=seed))
    await form.stored_files(tmp_path / ".1.jpg")
    await form.drop(form.window, [tmp_path / ".2.jpg"])

    await form.stored(2)
    await form.expect_names("1.jpg", "2.jpg")


async def test_u11_an_image_of_another_page_that_comes_as_an_address_is_to_be_saved_first(form: ProductForm):
    await form.open_window()
    overlay = form.page.locator(".mf-overlay")
    await form.hold_items(form.window.locator("header"), LINK)
    await expect(overlay).to_contain_text("Save the image to your device first")
    await expect(overlay).to_have_attribute("data-refused", "")
    await form.drop_items(form.window.locator("header"), LINK)

    await expect(overlay).to_be_hidden()
    await expect(problems(form)).to_have_text(
        ["The other page gave only the address of this image. Save the image to your device, then add it here."]
    )
    await expect(form.cards()).to_have_count(0)


async def test_u11_an_image_of_another_page_that_comes_as_a_file_is_taken(form: ProductForm, photos: Photos):
    """As Chromium drags one: the URL beside the file."""
    await form.open_window()
    await form.drop_items(form.window.locator("header"), LINK, photos(1))

    await form.stored(1)
    await expect(problems(form)).to_have_count(0)


async def test_u11_a_link_may_be_dropped_into_a_text(form: ProductForm):
    title = form.page.locator("#product-form [name=title]")
    await form.drop_items(title, LINK)

    await expect(form.page.locator(".mf-problems:visible")).to_have_count(0)
    assert form.draft in form.page.url


async def test_u13_a_folder_that_lies_too_deep_is_named(form: ProductForm, tmp_path: Path):
    deep = tmp_path.joinpath("mugs", *"1234567", "deepest")
    deep.mkdir(parents=True)
    (deep / "a.jpg").write_bytes(picture(seed=1))
    (deep.parent / "b.jpg").write_bytes(picture(seed=2))
    await form.open_window()
    await form.drop(form.window, [tmp_path / "mugs"])

    await form.expect_names("b.jpg")
    await expect(problems(form)).to_have_text(
        ["“deepest” was not opened: it is more than 8 folders deep. Drop that folder by itself."]
    )


# --- The content decides


@pytest.mark.parametrize(
    ("format_", "name"), [("PNG", "1.png"), ("WEBP", "1.webp"), ("AVIF", "1.avif"), ("HEIF", "1.heic")]
)
async def test_u16_an_image_under_a_wrong_extension_is_taken_and_named_right(
    form: ProductForm, tmp_path: Path, format_: str, name: str
):
    (tmp_path / "1.jpg").write_bytes(picture(format_))
    await form.stored_files(tmp_path / "1.jpg")

    await form.expect_names(name)


async def test_u16_an_animated_image_says_to_export_a_still_one(form: ProductForm, tmp_path: Path):
    (tmp_path / "1.gif").write_bytes(frames("GIF"))
    (tmp_path / "2.webp").write_bytes(frames("WEBP"))
    await form.open_window()
    await form.add([tmp_path / "1.gif", tmp_path / "2.webp"])
    sentence = "Animated images aren't supported. Export a still JPEG, PNG or WebP."

    await expect(problems(form)).to_contain_text([sentence])
    await expect(form.card("2.webp")).to_contain_text(sentence)


@pytest.mark.parametrize(
    "name", ["🫎.jpg", "👨‍👩‍👧.jpg", "می‌خواهم.jpg", "क्‍ष.jpg"], ids=["new", "joined", "Persian", "Hindi"]
)
async def test_u16_a_name_stays_as_it_was_written(form: ProductForm, name: str):
    await form.open_window()
    await form.add_named(name, picture())

    await form.stored(1)
    await form.expect_names(name)
