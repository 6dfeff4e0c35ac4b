"""Real Chromium against a real server, with photos on the disk to choose from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.support.pictures import picture
from tests.support.server import Server
from tests.support.window import ProductForm, launch, sign_in


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser profile; a page error or a blocked script fails the test."""
    context = await browser.new_context()
    problems: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)

    context.on("page", watch)
    yield context
    await context.close()
    assert problems == []


@pytest.fixture
async def form(context: BrowserContext, server: Server) -> ProductForm:
    """A fresh Create product page of the demo user."""
    page = await sign_in(context, server.url)
    return await ProductForm(page, server.url).create()


@pytest.fixture
def photos(tmp_path: Path) -> Callable[..., list[Path]]:
    """Makes picture files `1.jpg`, `2.jpg`, ... to choose from."""

    def make(*numbers: int) -> list[Path]:
        paths = [tmp_path / f"{number}.jpg" for number in numbers]
        for number, path in zip(numbers, paths, strict=True):
            path.write_bytes(picture(seed=number))
        return paths

    return make
