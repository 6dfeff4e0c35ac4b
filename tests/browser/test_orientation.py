"""Photos are upright wherever they are shown, however the camera was held."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.support.browser.window import new_product
from tests.support.images.orientations import FAMILIES, ways
from tests.support.images.photos import CORNERS, corners, photo_taken, turned
from tests.support.servers.server import Server
from uploads.images import checker
from uploads.images.checker import ImageFacts

FORMATS = {"jpg": "JPEG", "png": "PNG", "avif": "AVIF", "heic": "HEIF"}
"""Chromium ignores the orientation of a WebP."""
LOOK = """
const look = async (image) => {
  await image.decode();
  const canvas = document.createElement("canvas");
  const { naturalWidth: width, naturalHeight: height } = image;
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const at = [[1, 1], [3, 1], [1, 3], [3, 3]];
  const colour = ([x, y]) => [...context.getImageData((x * width) / 4, (y * height) / 4, 1, 1).data].slice(0, 3);
  const corners = at.map(colour);
  return { size: [width, height], ratio: width / height, corners };
};
"""
SEEN = f"async (image) => {{ {LOOK} return look(image); }}"
SEEN_ALL = f"""
(pictures) => {{ {LOOK}
  return Promise.all(pictures.map((src) => look(Object.assign(new Image(), {{ src }}))));
}}
"""
Seen = tuple[tuple[int, int], list[str]]
"""Return the size of an image, and the names of the colours of its corners."""


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_way_to_say_an_orientation_is_stored_as_the_browser_shows_it(
    context: BrowserContext, tmp_path: Path, family: str
):
    """Some decoders rotate what no browser rotates, and the reverse."""
    page, every = await context.new_page(), ways(family)
    shown = await seen_all(page, family, [way.content for way in every.values()])
    assert dict(zip(every, shown, strict=True)) == {name: as_turned(way.orientation) for name, way in every.items()}

    facts, copies = zip(*[taken(tmp_path, way.content) for way in every.values()], strict=True)
    again = await seen_all(page, family, copies)
    assert dict(zip(every, again, strict=True)) == dict(zip(every, shown, strict=True))
    assert [(one.width, one.height) for one in facts] == [size for size, _ in shown]
    assert [one.orientation for one in facts] == [way.orientation for way in every.values()]


async def seen_all(page: Page, family: str, pictures: Sequence[bytes]) -> list[Seen]:
    start = f"data:{FAMILIES[family][0]};base64,"
    told = await page.evaluate(SEEN_ALL, [start + base64.b64encode(one).decode() for one in pictures])
    return [(tuple(one["size"]), [nearest(colour) for colour in one["corners"]]) for one in told]


def as_turned(orientation: int) -> Seen:
    """Return how an image of `ways` looks when it is rotated by this orientation."""
    # A quarter turn is undone by the opposite one.
    seen = turned(turned(corners(96, 64), 6), {6: 8, 8: 6}.get(orientation, orientation))
    at = [(x * seen.width // 4, y * seen.height // 4) for x, y in ((1, 1), (3, 1), (1, 3), (3, 3))]
    return seen.size, [nearest(list(seen.crop((*place, place[0] + 1, place[1] + 1)).tobytes())) for place in at]


def taken(folder: Path, content: bytes) -> tuple[ImageFacts, bytes]:
    path, clean = folder / "image", folder / "clean"
    path.write_bytes(content)
    facts = checker._decode(str(path), sha256(content).hexdigest(), 10**8, str(clean))
    assert isinstance(facts, ImageFacts)
    return facts, clean.read_bytes()


async def seen(image: Locator) -> tuple[float, list[str]]:
    """Return the aspect ratio of the image, and the names of the colours of its corners."""
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
    # First the tab's own preview (for an HEIC it asks the server), then what the server shows.
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
