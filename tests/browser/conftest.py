"""Real Chromium against a real server, with photos on disk to choose from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.browser.window import ProductForm, chromium, new_product, profile
from tests.support.images.pictures import photo, picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server
from tests.support.stores.image_stores import ImageStore, InCloud, OnDisk

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


@pytest.fixture
def cloud(request: pytest.FixtureRequest) -> Cloud | None:
    """Where images are stored, other than on the server's disk, in a test that asks for it (`BOTH_STORES`)."""
    elsewhere = getattr(request, "param", "disk") == "cloudinary"
    return request.getfixturevalue("cloudinary_server") if elsewhere else None


@pytest.fixture(scope="module")
def module_server(request: pytest.FixtureRequest, shared_server: Callable[..., Server]) -> Server:
    """One server for the module, with the settings in its `SERVER`."""
    return shared_server(**request.module.SERVER)


@pytest.fixture
def server(request: pytest.FixtureRequest, make_server: Callable[..., Server], cloud: Cloud | None) -> Server:
    """The module's server, if it has a `SERVER`; else one with a grace of 2 s after a close and 4 s after a loss."""
    if hasattr(request.module, "SERVER"):
        shared: Server = request.getfixturevalue("module_server")
        return shared
    place = {"CLOUDINARY_URL": cloud.url} if cloud else {}
    return make_server(UPLOADS_GRACE_SECONDS="2", UPLOADS_GRACE_SECONDS_LOST="4", **place)


@pytest.fixture
def images(server: Server, cloud: Cloud | None) -> ImageStore:
    """Where the server keeps its images."""
    return InCloud(server, cloud) if cloud else OnDisk(server)


@pytest_asyncio.fixture(loop_scope="session")
async def form(context: BrowserContext, server: Server) -> ProductForm:
    """A fresh Create product page of the demo user."""
    return await new_product(context, server.url)


@pytest.fixture
def photos(tmp_path: Path) -> Callable[..., list[Path]]:
    """Creates image files `1.jpg`, `2.jpg`, ... to choose from."""

    def make(*numbers: int) -> list[Path]:
        paths = [tmp_path / f"{number}.jpg" for number in numbers]
        for number, path in zip(numbers, paths, strict=True):
            path.write_bytes(picture(seed=number))
        return paths

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def line(server: Server, context: BrowserContext) -> AsyncIterator[tuple[ProductForm, Proxy]]:
    """An open dialog, and the proxy through which it sends."""
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.open_window()
        yield form, proxy


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A photo that takes a while to send."""
    path = tmp_path / "big.jpg"
    path.write_bytes(photo(4))
    return path
