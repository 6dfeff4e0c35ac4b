"""Somebody who types in two tabs, offline and online, reloads, goes back and closes: nothing typed is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.async_api import BrowserContext, Error, Locator, Page, expect

from tests.browser.test_text_in_two_tabs import field, paste
from tests.support.browser.window import ProductForm, sign_in
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

FIELDS = ("title", "description", "sku")
NASTY = ("", "\0", "\ud800", "\u202e", "\u200f\u05e9\u05dc\u05d5\u05dd", "\U0001f600", "\x1b[31m", "<b>&amp;", "\r\n")
ACTIONS = ("type", "type", "type", "choose", "blur", "offline", "online", "reload", "close", "back")
STEPS = 40
SHOWN = 60
"""Characters of a text by which its offer is recognised."""

SHOWS_ALL = """([name, texts]) => {
  const offers = document.getElementById(`mf-note-offers:${name}`)?.textContent ?? "";
  const shown = document.querySelector(`#product-form [name=${name}]`).value + offers;
  return texts.every((text) => shown.includes(text));
}"""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server(UPLOADS_GRACE_SECONDS="300", UPLOADS_GRACE_SECONDS_LOST="300")


class Tab:
    """A tab with a line of its own to the server."""

    def __init__(self, context: BrowserContext, proxy: Proxy, path: str) -> None:
        self.context, self.proxy, self.path = context, proxy, path
        self.page: Page
        self.form: ProductForm
        self.is_there = False

    async def open(self) -> None:
        self.page = await self.context.new_page()
        self.form = ProductForm(self.page, self.proxy.url)
        await self.load()

    async def load(self) -> None:
        """Load the page; without a network there is none."""
        self.is_there = False
        with suppress(Error):
            await self.page.goto(self.proxy.url + self.path)
            await expect(self.form.inline).to_have_attribute("data-connection", "live")
            self.is_there = True

    async def shown(self, name: str) -> str:
        return await field(self.form, name).input_value()

    def offers(self, name: str) -> Locator:
        return self.page.locator(f".mf-field-offers[id='mf-note-offers:{name}'] > span")


class HostileUser:
    """Does one thing after another, in an order that a seed decides, and remembers what was typed and replaced."""

    def __init__(self, tabs: list[Tab], seed: int) -> None:
        self.tabs, self.random = tabs, random.Random(seed)  # noqa: S311
        self.typed: dict[str, set[str]] = {name: set() for name in FIELDS}
        self.replaced: dict[str, set[str]] = {name: set() for name in FIELDS}
        self.log: list[str] = []

    async def step(self, number: int) -> None:
        tab, act, name = self.random.choice(self.tabs), self.random.choice(ACTIONS), self.random.choice(FIELDS)
        self.log.append(f"{number}: tab {self.tabs.index(tab)} {act} {name}")
        if act == "online":
            tab.proxy.mend()
        elif act == "offline":
            tab.proxy.cut(stay_closed=True)
        elif act in ("reload", "close", "back"):
            await self.leave(tab, act)
        elif not tab.is_there:
            pass
        elif act == "type":
            await self.type(tab, name, f"{name}{number}{self.random.choice(NASTY)}")
        elif act == "choose":
            await self.choose(tab, name)
        else:
            await tab.page.evaluate("document.activeElement.blur()")

    async def leave(self, tab: Tab, act: str) -> None:
        if act == "close":
            if tab.is_there:
                await tab.page.evaluate("window.dispatchEvent(new Event('pagehide'))")
                await tab.page.close()
            return await tab.open()
        if act == "back":
            with suppress(Error):
                await tab.page.goto(f"{tab.proxy.url}/marketing/")
            with suppress(Error):
                await tab.page.go_back()
        return await tab.load()

    async def type(self, tab: Tab, name: str, text: str) -> None:
        self.replaced[name].add(await tab.shown(name))
        await paste(field(tab.form, name), text)
        self.typed[name].add(await tab.shown(name))

    async def choose(self, tab: Tab, name: str) -> None:
        if await tab.offers(name).count():
            self.replaced[name].add(await tab.shown(name))
            await tab.offers(name).locator("button").first.click()

    async def finds_everything(self, name: str) -> None:
        """What was typed, and not replaced on purpose, is in the field or on offer, in every tab."""
        missing = {text.strip()[:SHOWN] for text in self.typed[name] - self.replaced[name]}
        for tab in self.tabs:
            try:
                await tab.page.wait_for_function(SHOWS_ALL, arg=[name, list(missing)])
            except Error as error:
                there = [await tab.shown(name), *await tab.offers(name).all_inner_texts()]
                raise AssertionError(f"{name}: {missing} in {there}\n" + "\n".join(self.log)) from error

    async def settles(self, name: str) -> None:
        """One choice after the other, nothing is asked twice, and both tabs hold the same in the end."""
        first, *others = self.tabs
        offers = first.offers(name)
        for left in reversed(range(await offers.count())):
            await offers.locator("button").first.click()
            await expect(offers).to_have_count(left)
        for tab in others:
            await expect(field(tab.form, name)).to_have_value(await first.shown(name))
            await expect(tab.offers(name)).to_have_count(0)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(2))
async def test_a_hostile_user_loses_nothing_and_is_asked_nothing_twice(
    server: Server, context: BrowserContext, seed: int
):
    form = await ProductForm(await sign_in(context, server.url), server.url).create()
    path = form.page.url.removeprefix(server.url)
    await form.page.close()
    with Proxy(server.port) as one, Proxy(server.port) as other:
        tabs = [Tab(context, proxy, path) for proxy in (one, other)]
        for tab in tabs:
            await tab.open()
        user = HostileUser(tabs, seed)
        for number in range(STEPS):
            await user.step(number)
        for tab in tabs:
            tab.proxy.mend()
            if not tab.is_there:
                await tab.load()
        for tab in tabs:
            await expect(tab.form.inline).to_have_attribute("data-connection", "live")
            await tab.page.evaluate("document.activeElement.blur()")
        for name in FIELDS:
            await user.finds_everything(name)
        for name in FIELDS:
            await user.settles(name)
