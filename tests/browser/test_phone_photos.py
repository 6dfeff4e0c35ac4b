"""Twenty photos from phones look the same before the upload, in the window, on the product's page and downloaded."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.support.browser.window import ProductForm, new_product
from tests.support.images.metadata_checks import opened
from tests.support.images.phones import COLOURS, PHOTOS, size_seen
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

LOOK = """
async (image) => {
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const at = [1, 3].flatMap((row) => [1, 3, 5].map((column) => [(column * width) / 6, (row * height) / 4]));
  const colours = at.map(([x, y]) => [...canvas.getImageData(x, y, 1, 1).data].slice(0, 3));
  return { isWide: width > height, colours };
}
"""
TOLERANCE = 14
"""Of 255: lossy previews of lossy photos, some of which have 8 bits for all of HDR."""


def as_seen(name: str) -> dict[str, object]:
    """How a photo looks wherever it is shown."""
    width, height = size_seen(name)
    return {"isWide": width > height, "colours": [pytest.approx(colour, abs=TOLERANCE) for colour in COLOURS]}


async def look(image: Locator) -> object:
    await expect(image).to_be_visible()
    return await image.evaluate(LOOK)


@pytest.mark.timeout(180)
async def test_twenty_photos_from_phones_look_the_same_everywhere(
    make_server: Callable[..., Server], context: BrowserContext, tmp_path: Path
):
    server, paths = make_server(UPLOADS_GRACE_SECONDS="30"), written(tmp_path)
    assert len(paths) == 20
    # Chromium decodes no HEIC.
    shown_here = [path for path in paths if path.suffix == ".jpg"]
    await look_alone(await context.new_page(), shown_here)

    with Proxy(server.port) as proxy:
        proxy.hold_uploads()
        form = await new_product(context, proxy.url)
        await form.open_window()
        await form.add(paths)
        # The tab's own previews: no byte has reached the server.
        await look_at_cards(form, shown_here)
        proxy.release_uploads()
        await form.stored(len(paths))
    await form.page.goto(form.page.url.replace(proxy.url, server.url))
    await form.open_window()
    await look_at_cards(form, paths)

    await form.close_window()
    await form.fill(title="Mug", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()
    images = form.page.locator("main img")
    await expect(images).to_have_count(len(paths))
    for path, image in zip(paths, await images.all(), strict=True):
        assert await look(image) == as_seen(path.name), path.name
    await look_alone(await context.new_page(), await downloaded(form.page, server, paths))


def written(folder: Path) -> list[Path]:
    paths = [folder / name for name in PHOTOS]
    for path in paths:
        path.write_bytes(PHOTOS[path.name]())
    return paths


async def downloaded(page: Page, server: Server, paths: list[Path]) -> list[Path]:
    """What the links of a product's page lead to, saved under the photos' names in another folder."""
    links = await page.locator("main a.picture").all()
    copies = [path.with_name("saved") / path.name for path in paths]
    copies[0].parent.mkdir()
    for link, copy in zip(links, copies, strict=True):
        answer = await page.request.get(f"{server.url}{await link.get_attribute('href')}")
        copy.write_bytes(await answer.body())
    return copies


async def look_at_cards(form: ProductForm, paths: list[Path]) -> None:
    for path in paths:
        assert await look(form.card(path.name).locator("img")) == as_seen(path.name), path.name


async def look_alone(page: Page, paths: list[Path]) -> None:
    """Each of these files looks right in a browser, and has its size."""
    for path in paths:
        content = base64.b64encode(path.read_bytes()).decode()
        await page.set_content(f'<img src="data:image/jpeg;base64,{content}">')
        assert await look(page.locator("img")) == as_seen(path.name), path.name
        assert sorted(opened(path.read_bytes()).size) == sorted(size_seen(path.name))
