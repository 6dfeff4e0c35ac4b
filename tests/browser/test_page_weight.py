"""What pages of many photos cost a browser that has nothing of them yet: the bar is a megabyte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, Request, expect

from tests.support.browser.window import profile
from tests.support.images.pictures import camera_photo
from tests.support.servers.server import Server
from tests.support.wire.http_client import HttpClient

BUDGET_BYTES = 1_000_000
PRODUCTS = 24
"""As many as a page of the list has."""
PHOTOS = 20
SEEDS = 4

PICTURES = ".product img, .gallery img, manage-files .mf-card-image"
LOADED = """async (pictures) => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 300) {
    window.scrollTo(0, y);
    await new Promise(requestAnimationFrame);
  }
  await Promise.all([...document.querySelectorAll(pictures)].map((image) => image.decode()));
}"""
"""Scrolls past every picture and waits until it is there."""


async def weight(browser: Browser, staff: HttpClient, path: str, pictures: int, scale: float = 1) -> int:
    """Return the bytes of a page with everything on it, on the wire, in a browser that was never there."""
    asked: list[Request] = []
    async with profile(browser, device_scale_factor=scale) as context:
        await context.add_cookies([{"name": "sessionid", "value": staff.cookie("sessionid"), "url": staff.url}])
        page = await context.new_page()
        page.on("requestfinished", lambda request: asked.append(request))
        await page.goto(staff.url + path)
        await expect(page.locator(PICTURES)).to_have_count(pictures)
        await page.evaluate(LOADED, PICTURES)
        await page.wait_for_load_state("networkidle")
        sizes = await asyncio.gather(*(one.sizes() for one in asked))
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


def create(staff: HttpClient, title: str, photos: list[bytes]) -> str:
    """Save a product of these photos; return the path of its page."""
    draft = staff.new_draft()
    for number, content in enumerate(photos):
        fields = {"draft": draft, "file_type": "main_image", "sequence": str(number)}
        sent = staff.post("/marketing/api/temp_upload_file/", fields, (f"{number}.jpg", content, "image/jpeg"))
        assert sent.status == 200, sent.text
    saved = staff.post(f"/marketing/product_create/?draft={draft}", {"title": title, "sku": title, "price": "1"})
    path = saved.url.removeprefix(staff.url)
    assert (saved.status, "create" in path) == (200, False), saved.text
    return path


@pytest.mark.timeout(240)
async def test_the_list_and_a_product_of_many_photos_weigh_less_than_a_megabyte(
    make_server: Callable[..., Server], browser: Browser, capsys: pytest.CaptureFixture[str]
):
    server = make_server()
    photos = [camera_photo(seed=seed) for seed in range(SEEDS)]

    def arrange() -> tuple[HttpClient, str]:
        staff = HttpClient(server.url)
        for number in range(PRODUCTS - 1):
            create(staff, f"product {number}", [photos[number % SEEDS]])
        return staff, create(staff, "many photos", [photos[number % SEEDS] for number in range(PHOTOS)])

    staff, product = await asyncio.to_thread(arrange)
    found = {
        "list": await weight(browser, staff, "/marketing/", PRODUCTS),
        "product": await weight(browser, staff, product, PHOTOS),
        "form": await weight(browser, staff, f"{product}edit/", PHOTOS),
        "list on a fine screen": await weight(browser, staff, "/marketing/", PRODUCTS, 2),
        "product on a fine screen": await weight(browser, staff, product, PHOTOS, 3),
    }
    with capsys.disabled():
        print({name: f"{count / 1000:.0f} kB" for name, count in found.items()}, end=" ")
    assert {name: count for name, count in found.items() if count > BUDGET_BYTES} == {}
