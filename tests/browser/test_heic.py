"""HEIC photos of iPhones, which this browser cannot show: a preview is shown instead, on both stores."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.support.browser.window import ProductForm, new_product
from tests.support.images.containers import minimized
from tests.support.images.heic import (
    HLG,
    PQ,
    PRIMARIES_2020,
    PRIMARIES_P3,
    SRGB,
    Colour,
    in_hdr,
    iphone_photo,
    numbered,
    patches,
)
from tests.support.servers.server import Server, wait_for
from tests.support.stores.image_stores import BOTH_STORES
from uploads.images import checker

NAME = "IMG_0001.HEIC"
UPRIGHT = 1.5
"""The aspect ratio of the photo as shown; it is stored rotated."""
LOOKED = "() => document.querySelector('.mf-look-image').naturalWidth > 0"
DECODED = "async (image) => { await image.decode(); return image.naturalWidth / image.naturalHeight; }"
BEHIND = """
async ({ href }) => {
  const image = Object.assign(new Image(), { src: href });
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}
"""
"""Return the size of the image that a link leads to."""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(iphone_photo(2400, 1600, orientation=6))
    return path


async def shown(image: Locator) -> float:
    """Return the aspect ratio of a visible image."""
    await expect(image).to_be_visible()
    return float(await image.evaluate(DECODED))


@BOTH_STORES
async def test_a_heic_photo_shows_wherever_an_image_does(server: Server, form: ProductForm, photo: Path):
    window = await form.open_window()
    await form.add([photo])
    await form.stored(1)
    assert await shown(form.card(NAME).locator("img")) == pytest.approx(UPRIGHT, abs=0.01)

    await form.card(NAME).locator(".mf-card-picture").click()
    look = form.page.locator("dialog.mf-look")
    await expect(look.locator("h2")).to_have_text(NAME)
    # This tab has the file but cannot show it, so it asks the server.
    await form.page.wait_for_function(LOOKED)
    assert await shown(look.locator("img")) == pytest.approx(UPRIGHT, abs=0.01)
    await expect(look.get_by_text("This image cannot be shown here.")).to_be_hidden()
    await expect(look.locator("dl")).to_contain_text("1,600 pixels")
    await expect(look.locator("dl")).to_contain_text("HEIC")
    await form.page.keyboard.press("Escape")
    await expect(window).to_be_visible()

    await form.close_window()
    assert await shown(form.inline.locator("img")) == pytest.approx(UPRIGHT, abs=0.01)
    sku = uuid4().hex[:10]
    await form.fill(title="Mug", sku=sku, price="1")
    await form.save()
    await form.saved()
    assert await shown(form.page.locator("main img")) == pytest.approx(UPRIGHT, abs=0.01)

    # From its permanent URL too, and in the list of products.
    permanent = "SELECT count(*) FROM draft_uploads_file WHERE name = ? AND state = 'permanent'"
    await asyncio.to_thread(wait_for, lambda: server.query(permanent, NAME) == [(1,)], 30)
    await form.page.reload()
    assert await shown(form.page.locator("main img")) == pytest.approx(UPRIGHT, abs=0.01)
    assert await form.page.locator("main a.picture").evaluate(BEHIND) == [1280, 853]
    await form.page.goto(f"{server.url}/marketing/")
    listed = form.page.get_by_role("listitem").filter(has_text=sku).locator("img")
    assert await shown(listed) == pytest.approx(UPRIGHT, abs=0.01)


HDR = {PQ: "Canon.HIF", HLG: "Sony.HIF"}
SEEN = """
async (image) => {
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const at = [1, 3, 5, 7].map((part) => canvas.getImageData((part * image.naturalWidth) / 8, 9, 1, 1));
  return at.map(({ data }) => [...data].slice(0, 3));
}
"""
PATCHES: list[Colour] = [(255, 255, 255), (255, 0, 0), (128, 128, 128), (224, 172, 140)]


async def test_the_colours_of_an_hdr_photo_are_those_of_paper_and_skin(form: ProductForm, tmp_path: Path):
    await form.open_window()
    for transfer, name in HDR.items():
        image = patches([in_hdr(colour, transfer) for colour in PATCHES])
        (tmp_path / name).write_bytes(numbered(image, PRIMARIES_2020, transfer))
        await form.add([tmp_path / name])
    await form.stored(2)
    for name in HDR.values():
        assert await seen(form.card(name).locator("img")) == [pytest.approx(patch, abs=12) for patch in PATCHES]


async def test_colours_that_are_told_by_numbers_are_shown_as_the_browser_shows_those_of_avif(context: BrowserContext):
    """It shows no HEIC. HDR it darkens for the sake of the brightest lights, which a small picture has no use for."""
    page, image = await context.new_page(), patches([(136, 83, 56), (100, 200, 100), (110, 100, 180), (135, 126, 115)])
    for primaries, transfer in ((PRIMARIES_P3, SRGB), (PRIMARIES_2020, SRGB), (PRIMARIES_2020, 1), (1, SRGB)):
        preview = checker._small_picture(numbered(image, primaries, transfer), 10**8, 640)
        assert isinstance(preview, bytes)
        avif = minimized(image, cicp=(primaries, transfer, 6), quality=100)
        one, other = [await seen(await picture(page, kind, made)) for kind, made in (("webp", preview), ("avif", avif))]
        assert one == [pytest.approx(colour, abs=8) for colour in other]


async def seen(image: Locator) -> list[list[int]]:
    """The colours of `patches`."""
    await expect(image).to_be_visible()
    colours: list[list[int]] = await image.evaluate(SEEN)
    return colours


async def picture(page: Page, kind: str, content: bytes) -> Locator:
    await page.set_content(f'<img src="data:image/{kind};base64,{base64.b64encode(content).decode()}">')
    return page.locator("img")


async def test_without_the_decoder_it_is_refused_with_the_way_to_a_jpeg(
    make_server: Callable[..., Server], context: BrowserContext, photo: Path, tmp_path: Path
):
    (tmp_path / "pillow_heif.py").write_text("raise ImportError('not installed')")
    server = make_server(PYTHONPATH=str(tmp_path))
    form = await new_product(context, server.url)
    window = await form.open_window()
    await expect(window.locator(".mf-empty")).to_contain_text("JPEG, PNG, WebP, AVIF up to")
    disguised = tmp_path / "really.jpg"
    disguised.write_bytes(iphone_photo())
    await form.add([photo, disguised])

    await expect(window.locator(".mf-problems")).to_contain_text(f"“{NAME}” is an HEIC photo, which is not supported.")
    await expect(form.card("really.jpg")).to_contain_text("This is an HEIC photo, which is not supported.")
