"""The product form and its Manage Files window as a person uses them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.services import chromium_on_path

expect.set_options(timeout=15_000)
OPTIONS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


async def launch(playwright: Playwright) -> Browser:
    """The Chromium that `python3 -m tests` found."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    program = os.environ.get("CHROMIUM") or chromium_on_path()
    return await playwright.chromium.launch(executable_path=program, args=[*OPTIONS, *sandbox])


async def sign_in(context: BrowserContext, url: str, name: str = "demo") -> Page:
    """A page of `context`, signed in and on the product list."""
    page = await context.new_page()
    await page.goto(f"{url}/accounts/login/")
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(name)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/marketing/")
    return page


class ProductForm:
    """A create or edit page. `window` holds the dialog, `inline` the grid on the form."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.window: Locator = page.get_by_role("dialog", name="Manage files")
        self.inline: Locator = page.locator("manage-files .mf-inline")

    async def create(self) -> ProductForm:
        """Open a fresh Create product page."""
        await self.page.goto(f"{self.url}/marketing/product_create/?new=1")
        return self

    @property
    def draft(self) -> str:
        return parse_qs(urlsplit(self.page.url).query)["draft"][0]

    async def open_window(self) -> Locator:
        await self.page.get_by_role("button", name="Upload Product Images").click()
        await expect(self.window).to_have_attribute("data-connection", "live")
        return self.window

    async def close_window(self) -> None:
        await self.window.get_by_role("button", name="Back to product").click()

    async def add(self, files: Sequence[Path | str]) -> None:
        """Choose files with the file picker."""
        await self.page.locator("manage-files input[type=file]").set_input_files([str(path) for path in files])

    async def drop(self, target: Locator, files: Sequence[Path]) -> None:
        """Drop files of the operating system on `target`, as a real drag does."""
        box = await target.bounding_box()
        assert box is not None
        session = await self.page.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in files], "dragOperationsMask": 1}
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("dragEnter", "dragOver", "drop"):
            await session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})

    def cards(self, where: Locator | None = None, state: str = "") -> Locator:
        selector = f"[data-file-id][data-state='{state}']" if state else "[data-file-id]"
        return (where or self.window).locator(selector)

    def card(self, name: str, where: Locator | None = None) -> Locator:
        return (where or self.window).locator("[data-file-id]").filter(has=self.page.locator(f"[title='{name}']"))

    async def stored(self, count: int, where: Locator | None = None) -> None:
        """Wait until exactly `count` cards are stored."""
        await expect(self.cards(where, "stored")).to_have_count(count, timeout=45_000)

    async def names(self, where: Locator | None = None) -> list[str]:
        """The names of the cards in order (the tray's not)."""
        names = self.cards(where).locator("xpath=self::*[not(@data-state='removed')]").locator(".mf-card-name")
        return [str(title) for title in await names.evaluate_all("names => names.map((name) => name.title)")]

    async def fill(self, **fields: str) -> None:
        for label, text in fields.items():
            await self.page.locator(f"#product-form [name={label}]").fill(text)

    async def save(self) -> None:
        await self.page.locator("#save").click()

    async def saved(self) -> None:
        """Wait for the product's own page."""
        await self.page.wait_for_url("**/marketing/product/*/")


async def shown_images(page: Page) -> list[dict[str, Any]]:
    """The product images of a detail page: alternative text and natural width."""
    return await page.locator("main img").evaluate_all(
        "images => images.map((image) => ({ alt: image.alt, width: image.naturalWidth, src: image.currentSrc }))"
    )
