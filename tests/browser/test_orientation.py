"""Photos are the right way up wherever they are shown, whatever way the camera was held."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import BrowserContext, Locator, expect

from tests.support.browser.window import new_product
from tests.support.images.photos import CORNERS, photo_taken
from tests.support.servers.server import Server

FORMATS = {"jpg": "JPEG", "png": "PNG", "avif": "AVIF", "heic": "HEIF"}
"""Of a WebP Chromium does not read the orientation, other browsers do; no camera writes one."""
SEEN = """
async (image) => {
  await image.decode();
  const canvas = document.createElement("canvas");
  const { naturalWidth: width, naturalHeight: height } = image;
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const at = [[1, 1], [3, 1], [1, 3], [3, 3]];
  const colour = ([x, y]) => [...context.getImageData((x * width) / 4, (y * height) / 4, 1, 1).data].slice(0, 3);
  const corners = at.map(colour);
  return { ratio: width / height, corners };
}
"""


async def seen(image: Locator) -> tuple[float, list[str]]:
    """How wide the picture is to its height, and the names of the colours of its corners."""
    told = await image.evaluate(SEEN)
    return told["ratio"], [nearest(colour) for colour in told["corners"]]


def nearest(colour: list[int]) -> str:
    return min(CORNERS, key=lambda name: sum(abs(a - b) for a, b in zip(CORNERS[name], colour, strict=True)))


async def test_photos_are_the_right_way_up_in_the_window_and_on_the_products_page(
    server: Server, context: BrowserContext, tmp_path: Path
):
    paths = [tmp_path / f"{turned}.{kind}" for kind in FORMATS for turned in range(1, 9)]
    for path in paths:
        path.write_bytes(photo_taken(FORMATS[path.suffix[1:]], orientation=int(path.stem)))
    form = await new_product(context, server.url)
    window = await form.open_window()
    await form.add(paths)
    await form.stored(len(paths))
    upright = (1.5, list(CORNERS))
    # What the tab itself made of the file (of an HEIC it asks the server), then what the server shows.
    previews = {
        name: await seen(window.get_by_role("listitem", name=name).locator("img")) for name in await form.names()
    }
    assert previews == dict.fromkeys([path.name for path in paths], upright)
    await form.page.reload()
    window = await form.open_window()
    shown = {name: await seen(window.get_by_role("listitem", name=name).locator("img")) for name in await form.names()}
    assert shown == previews

    await form.close_window()
    await form.fill(title="Mug", sku="M-1", price="1")
    await form.save()
    await form.saved()
    pictures = form.page.locator("main img")
    await expect(pictures).to_have_count(len(paths))
    assert [await seen(picture) for picture in await pictures.all()] == [upright] * len(paths)
