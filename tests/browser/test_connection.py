"""Without a network, on a dead connection, and after each close code of a server."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, WebSocketRoute, expect

from consumers.protocol.close_codes import CloseCode
from tests.support.browser.window import ProductForm, new_product, profile, sign_in
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]
TIMERS = """
window.timers = 0;
const start = window.setTimeout;
window.setTimeout = (...args) => { timers += 1; return start(...args); };
"""
"""An init script that counts the timers being set."""

HOUR_FROM_NOW = """() => new Intl.DateTimeFormat("en", { hour: "2-digit", hourCycle: "h23" })
  .format(Date.now() + 3_600_000)"""
"""Return the local hour in the browser's time zone at which the grace of a lost connection ends."""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


@pytest.mark.timed
async def test_u36_without_a_network_it_says_so_within_two_seconds_and_goes_on_by_itself(line: Line, photos: Photos):
    form, _ = line
    await form.add(photos(1))
    await form.stored(1)
    began = time.monotonic()
    await form.page.context.set_offline(True)
    await expect(form.window).to_have_attribute("data-connection", "offline")
    await expect(form.window.locator(".mf-banner").get_by_text("Nothing is lost")).to_be_visible()
    assert time.monotonic() - began < 2
    await form.add(photos(2, 3))
    await expect(form.cards(state="queued")).to_have_count(2)
    await expect(form.cards(state="failed")).to_have_count(0)
    await form.page.context.set_offline(False)

    await expect(form.window).to_have_attribute("data-connection", "live")
    await form.stored(3)


async def test_u37_a_line_that_swallows_everything_is_noticed(server: Server, browser: Browser, photos: Photos):
    async with profile(browser) as context:
        with Proxy(server.port) as proxy:
            page = await sign_in(context, proxy.url)
            await page.clock.install()
            form = await ProductForm(page, proxy.url).create()
            await form.open_window()
            proxy.swallowing = True
            # The browser's network layer still considers the socket open.
            for _ in range(7):
                await page.clock.run_for(5_000)
            await expect(form.window).not_to_have_attribute("data-connection", "live")
            proxy.mend()
            for _ in range(4):
                await page.clock.run_for(5_000)
            await expect(form.window).to_have_attribute("data-connection", "live")
            await form.add(photos(1))
            await page.clock.resume()
            await form.stored(1)


async def test_u41_only_while_disconnected_it_says_until_when_the_images_are_kept(line: Line, photos: Photos):
    form, proxy = line
    await form.add(photos(1))
    await form.stored(1)
    promise = form.window.locator(".mf-banner").first
    await expect(promise).to_be_hidden()
    hours = {await form.page.evaluate(HOUR_FROM_NOW)}
    proxy.cut(stay_closed=True)
    await expect(promise).to_contain_text(re.compile(r"Nothing is lost: your images are kept until about \d\d:\d\d\."))
    hours.add(await form.page.evaluate(HOUR_FROM_NOW))
    assert (await promise.inner_text()).partition("about ")[2][:2] in hours
    proxy.mend()

    await expect(form.window).to_have_attribute("data-connection", "live")
    await expect(promise).to_be_hidden()


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        (CloseCode.NOT_ALLOWED, "not_allowed", "You may not change these images."),
        (CloseCode.NOT_FOUND, "not_found", "There is no such draft."),
        (CloseCode.SIGNED_OUT, "signed_out", "Sign in to continue"),
        (CloseCode.TOO_FAST, "live", ""),
        (CloseCode.LEASE_LOST, "live", ""),
        (CloseCode.RESTARTING, "live", ""),
        (1012, "live", ""),
    ],
)
async def test_u42_each_way_a_server_ends_a_connection_has_its_own_answer(
    server: Server, browser: Browser, code: int, state: str, words: str
):
    ended: list[float] = []
    again: list[float] = []

    async def route(socket: WebSocketRoute) -> None:
        # A server that refuses permanently does so each time; the others do it once.
        if not ended or state != "live":
            ended.append(time.monotonic())
            await socket.close(code=int(code))
        else:
            again.append(time.monotonic())
            socket.connect_to_server()

    async with profile(browser) as context:
        form = ProductForm(await sign_in(context, server.url), server.url)
        await form.page.route_web_socket("**/ws/uploads/**", route)
        await form.create()
        await form.page.get_by_role("button", name="Upload Product Images").click()
        await expect(form.window).to_have_attribute("data-connection", state)
        await expect(form.window).to_contain_text(words)

    assert len(ended) <= 2
    assert len(again) == (1 if state == "live" else 0)


async def test_u43_after_a_sleep_it_looks_at_once_and_sets_no_storm_of_timers(server: Server, browser: Browser):
    async with profile(browser) as context:
        page = await sign_in(context, server.url)
        await page.add_init_script(TIMERS)
        await page.clock.install()
        form = await ProductForm(page, server.url).create()
        await form.open_window()
        before = await page.evaluate("timers")
        await page.clock.fast_forward(8 * 3_600_000)
        await page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        await page.clock.run_for(5_000)
        await expect(form.window).to_have_attribute("data-connection", "live")

        assert await page.evaluate("timers") - before < 40


async def test_u40_a_browser_that_ends_and_comes_back_too_late_finds_nothing_ghostly(
    make_server: Callable[..., Server], browser: Browser, photos: Photos
):
    server = make_server(UPLOADS_GRACE_SECONDS="2")
    async with profile(browser) as context:
        form = await new_product(context, server.url)
        await form.stored_files(*photos(1))
        draft, address = form.draft, form.page.url
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 20)
    async with profile(browser) as other:
        page = await sign_in(other, server.url)
        await page.goto(address)
        back = ProductForm(page, server.url)
        await expect(page.locator("[data-lost]")).to_contain_text("saved in time")
        await expect(page.locator("[data-lost-files]").last).to_contain_text("1.jpg")
        await back.open_window()
        await back.expect_names()
