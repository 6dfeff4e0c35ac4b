"""A misconfigured server is reported as such, and no recovery is promised that cannot happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import BrowserContext, expect

from tests.support.browser.window import ProductForm, new_product
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, copy_of

Photos = Callable[..., list[Path]]


class HeartlessServer(Server):
    """A server without a heartbeat."""

    module = "tests.support.servers.no_heartbeat_server"


async def opened(context: BrowserContext, server: Server | Proxy) -> ProductForm:
    return await new_product(context, server.url)


async def test_u84_an_origin_that_is_not_allowed_is_not_called_a_network(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos
):
    with Proxy(make_server().port) as proxy:
        proxy.renames_host = True
        form = await opened(context, proxy)
        await form.open_window("limited")
        await expect(form.window.locator(".mf-banner:visible")).to_contain_text(
            "Live updates aren't set up for this address. Uploads still work. Tell your administrator"
        )
        await form.add(photos(1))
        await form.stored(1)


async def test_u84_a_server_without_a_heartbeat_promises_nothing(
    prepared_var: Path, context: BrowserContext, tmp_path: Path
):
    server = HeartlessServer(copy_of(prepared_var, tmp_path / "var"))
    await asyncio.to_thread(server.start)
    try:
        form = await opened(context, server)
        await expect(form.inline.locator(".mf-banner:visible")).to_contain_text(
            "The server isn't fully running. Uploads can't finish until that's fixed.", timeout=30_000
        )
        await expect(form.inline).not_to_contain_text("Nothing is lost")
        await form.open_window("reconnecting")
        await expect(form.window.locator(".mf-banner:visible")).to_contain_text("The server isn't fully running.")
    finally:
        server.kill()


async def test_u84_a_layer_that_is_down_is_named_and_uploads_work(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos
):
    server = make_server(CHANNEL_LAYER_BACKEND="tests.support.faults.broken_layer.BrokenLayer")
    form = await opened(context, server)
    await form.open_window("limited")
    await expect(form.window.locator(".mf-banner:visible")).to_contain_text(
        "Live updates aren't working on the server. Uploads still work."
    )
    await form.add(photos(1))
    await form.stored(1)
