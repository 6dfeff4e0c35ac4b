"""A picture of hundreds of megapixels in a megabyte: the browser reads its header, and decodes nothing of it."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.async_api import BrowserContext, expect

from tests.support.browser.window import ProductForm, sign_in
from tests.support.corpus.builders import zero_png
from tests.support.corpus.forgiven import FORGIVEN
from tests.support.images.heic import iphone_photo
from tests.support.images.orientations import FAMILIES, ways
from tests.support.images.pictures import picture
from tests.support.servers.server import Server

PIXEL_COUNT = Path(__file__).parents[2] / "static/manage_files/upload/pixel_count.js"
COUNT_DECODED = """
window.decoded = 0;
const decode = window.createImageBitmap;
window.createImageBitmap = (...all) => { window.decoded += 1; return decode(...all); };
"""
DIFFERENCES = """
async (images) => {
  const differing = [];
  for (const [name, type, content] of images) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const blob = new Blob([bytes], { type });
    const image = Object.assign(new Image(), { src: URL.createObjectURL(blob) });
    await image.decode();
    const [said, is] = [await window.pixelCount(blob), image.naturalWidth * image.naturalHeight];
    if (said !== is) differing.push([name, said, is]);
  }
  return differing;
}
"""


async def test_a_header_says_as_many_pixels_as_the_browser_decodes(context: BrowserContext):
    page = await context.new_page()
    await page.add_script_tag(content=f"{PIXEL_COUNT.read_text()}\nwindow.pixelCount = pixelCount;", type="module")
    await page.wait_for_function("window.pixelCount")
    images = [(case.id, case.claim, case.build()) for case in FORGIVEN]
    for family in FAMILIES:
        images += [(name, way.content_type, way.content) for name, way in ways(family).items()]
    images += [(kind, f"image/{kind.lower()}", picture(kind)) for kind in ("JPEG", "PNG", "WEBP", "AVIF")]
    encoded = [(name, claim, base64.b64encode(content).decode()) for name, claim, content in images]

    assert await page.evaluate(DIFFERENCES, encoded) == []
    photo = f"data:;base64,{base64.b64encode(iphone_photo(1200, 800)).decode()}"
    assert await page.evaluate("async (photo) => pixelCount(await (await fetch(photo)).blob())", photo) == 1200 * 800


async def test_of_a_giant_picture_nothing_is_decoded(context: BrowserContext, server: Server, tmp_path: Path):
    (tmp_path / "giant.png").write_bytes(zero_png(20_000, 14_000))
    (tmp_path / "mug.jpg").write_bytes(picture())
    await context.add_init_script(COUNT_DECODED)
    form = await ProductForm(await sign_in(context, server.url), server.url).create()
    await form.open_window()
    await form.add([tmp_path / "giant.png", tmp_path / "mug.jpg"])
    await form.stored(1)
    card = form.card("giant.png")
    await expect(card).to_contain_text("The image has too many pixels.")
    await expect(form.card("mug.jpg").locator("img")).to_be_visible()
    await expect(card.locator("img")).to_be_hidden()
    await card.press("Enter")
    look = form.page.locator("dialog.mf-look")
    await expect(look.get_by_text("This image cannot be shown here.")).to_be_visible()
    assert await look.locator("img").get_attribute("src") is None
    await form.page.keyboard.press("Escape")
    await card.get_by_role("button", name="Upload a smaller copy").click()
    await expect(form.window.locator(".mf-banner:visible")).to_contain_text("This browser cannot make a smaller copy")

    assert await form.page.evaluate("window.decoded") == 1
