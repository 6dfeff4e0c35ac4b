"""With JavaScript off: a plain file field, the same checks, the same product."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.browser.window import profile, shown_images, sign_in
from tests.support.images.pictures import photo
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, server: Server) -> AsyncIterator[Page]:
    async with profile(browser, java_script_enabled=False) as context:
        page = await sign_in(context, server.url)
        await page.goto(f"{server.url}/marketing/product_create/?new=1")
        yield page


async def fill_in(page: Page, sku: str) -> None:
    for label, text in (("title", "Plain mug"), ("sku", sku), ("price", "9.90")):
        await page.locator(f"#product-form [name={label}]").fill(text)


async def test_u56_images_are_saved_with_a_new_product_and_added_to_it(page: Page, photos: Photos):
    await page.get_by_label("Choose images").set_input_files(photos(1, 2))
    await fill_in(page, "PLAIN-1")
    await page.get_by_role("button", name="Create Product").click()
    await page.wait_for_url("**/marketing/product/*/")
    assert [image["alt"] for image in await shown_images(page)] == ["1.jpg", "2.jpg"]
    await page.get_by_role("link", name="Edit").click()
    await page.get_by_label("Add images").set_input_files(photos(3))
    await page.get_by_role("button", name="Save changes").click()
    await page.wait_for_url("**/marketing/product/*/")

    assert [image["alt"] for image in await shown_images(page)] == ["1.jpg", "2.jpg", "3.jpg"]


async def test_u56_what_is_refused_is_named_and_the_rest_waits_for_the_next_try(
    page: Page, photos: Photos, tmp_path: Path
):
    (tmp_path / "prices.pdf").write_bytes(b"%PDF-1.7")
    await page.get_by_label("Choose images").set_input_files([*photos(1), tmp_path / "prices.pdf"])
    await fill_in(page, "PLAIN-2")
    await page.get_by_role("button", name="Create Product").click()
    await expect(page.locator("[data-refused]")).to_contain_text("prices.pdf: This is not a supported image.")
    await expect(page.locator(".plain-images")).to_contain_text("1.jpg")
    await expect(page.locator("[name=title]")).to_have_value("Plain mug")
    await page.get_by_role("button", name="Create Product").click()
    await page.wait_for_url("**/marketing/product/*/")

    assert [image["alt"] for image in await shown_images(page)] == ["1.jpg"]


async def test_u56_photos_of_many_megabytes_are_saved_with_a_product(page: Page, tmp_path: Path):
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(photo(8, seed=number))
    await page.get_by_label("Choose images").set_input_files(paths)
    await fill_in(page, "PLAIN-3")
    await page.get_by_role("button", name="Create Product").click()
    await page.wait_for_url("**/marketing/product/*/", timeout=60_000)

    assert [image["alt"] for image in await shown_images(page)] == ["0.jpg", "1.jpg", "2.jpg"]


async def test_u56_more_than_a_draft_may_hold_is_told_on_a_page(
    make_server: Callable[..., Server], browser: Browser, tmp_path: Path
):
    """A JSON file is not a page."""
    server = make_server(UPLOADS_LIMITS='{"max_draft_bytes": 5000000}')
    (tmp_path / "big.jpg").write_bytes(photo(8))
    async with profile(browser, java_script_enabled=False, locale="de-DE") as context:
        page = await sign_in(context, server.url)
        await page.goto(f"{server.url}/marketing/product_create/?new=1")
        await page.locator("#plain-images").set_input_files(tmp_path / "big.jpg")
        await fill_in(page, "PLAIN-4")
        await page.locator("#product-form button[type=submit]").first.click()
        await expect(page.locator("h1")).to_have_text("Das wurde nicht gespeichert")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await page.go_back()
        await expect(page.locator("#plain-images")).to_be_attached()
