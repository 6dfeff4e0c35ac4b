"""Real Chromium against a real server, with photos on the disk to choose from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.support.pictures import picture
from tests.support.server import Server
from tests.support.window import ProductForm, chromium, profile, sign_in

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for these tests, so that they share one browser."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser profile; a page error or a blocked script fails the test."""
    async with profile(browser) as context:
        yield context


@pytest_asyncio.fixture(loop_scope="session")
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
