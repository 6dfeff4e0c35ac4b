"""Text that another tab of this browser left: who sends it, and when it may not be sent or kept."""

from __future__ import annotations

import asyncio
import json

from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.test_text_in_two_tabs import field, two_tabs
from tests.browser.test_unsent_text import stored
from tests.support.browser.window import ProductForm, fill_in_sign_in, sign_in
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

SERVER = {"UPLOADS_GRACE_SECONDS": "300", "UPLOADS_GRACE_SECONDS_LOST": "300"}
HAS_ENTRY = "() => Object.keys(localStorage).some((key) => key.startsWith('manage-files:edits:'))"


async def test_text_of_a_tab_that_is_closed_offline_is_sent_by_another_once_it_is_online(
    server: Server, context: BrowserContext
):
    with Proxy(server.port) as proxy:
        form = await ProductForm(await sign_in(context, proxy.url), proxy.url).create()
        one, other = await two_tabs(form)
        proxy.cut(stay_closed=True)
        for tab in (one, other):
            await expect(tab.inline).to_have_attribute("data-connection", "reconnecting")
        await field(one, "title").fill("Typed offline")
        await stored(one.page, "Typed offline")
        await one.page.close()
        proxy.mend()

        await expect(field(other, "title")).to_have_value("Typed offline")
        await other.page.wait_for_function(f"() => !({HAS_ENTRY})()")


class Gate:
    """Lets a page reach the server only while it is open."""

    def __init__(self) -> None:
        self.is_open = True

    async def guard(self, page: Page) -> Page:
        await page.route_web_socket("**/ws/uploads/**", self._socket)
        await page.route("**/*", lambda route: route.continue_() if self.is_open else route.abort())
        return page

    async def _socket(self, route: WebSocketRoute) -> None:
        if self.is_open:
            route.connect_to_server()
        else:
            await route.close()


async def test_text_that_its_tab_took_back_is_not_sent_by_another_tab_later(server: Server, context: BrowserContext):
    gate = Gate()
    with Proxy(server.port) as proxy:
        form = await ProductForm(await sign_in(context, proxy.url), proxy.url).create()
        url = form.page.url
        other = ProductForm(await gate.guard(await context.new_page()), form.url)
        await other.page.goto(url)
        for tab in (form, other):
            await expect(tab.inline).to_have_attribute("data-connection", "live")
        gate.is_open = False
        proxy.cut(stay_closed=True)
        for tab in (form, other):
            await expect(tab.inline).to_have_attribute("data-connection", "reconnecting")
        await field(form, "title").fill("Mug")
        await stored(form.page, "Mug")
        await form.page.goto("about:blank")
        proxy.mend()
        await form.page.goto(url)
        await expect(field(form, "title")).to_have_value("Mug")
        await expect(form.inline).to_have_attribute("data-connection", "live")
        await field(form, "title").fill("Mug, typed on")
        kept = "SELECT form FROM draft_uploads_draft WHERE id = ?"
        draft = form.draft.replace("-", "")
        await asyncio.to_thread(wait_for, lambda: "Mug, typed on" in server.query(kept, draft)[0][0])
        gate.is_open = True
        await other.page.evaluate("dispatchEvent(new Event('online'))")
        await expect(other.inline).to_have_attribute("data-connection", "live")
        # It travels after everything that waited for the connection.
        await field(other, "sku").fill("LATER")

        await expect(field(form, "sku")).to_have_value("LATER")
        for tab in (form, other):
            await expect(field(tab, "title")).to_have_value("Mug, typed on")
            await expect(tab.page.locator(".mf-field-offers")).to_have_count(0)


async def test_after_a_sign_out_in_another_tab_text_survives_in_its_own_tab_only(server: Server, form: ProductForm):
    await expect(form.inline).to_have_attribute("data-connection", "live")
    url = form.page.url
    other = await form.page.context.new_page()
    await other.goto(f"{server.url}/marketing/")
    await other.get_by_role("button", name="Sign out").click()
    await expect(form.inline).to_have_attribute("data-connection", "signed_out")
    await field(form, "title").fill("Typed while signed out")
    await form.page.goto(f"{server.url}/accounts/login/")
    assert not await form.page.evaluate(HAS_ENTRY)
    await fill_in_sign_in(form.page)
    await form.page.goto(url)

    await expect(field(form, "title")).to_have_value("Typed while signed out")
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await expect(form.page.locator(".mf-field-offers")).to_have_count(0)


class SlowServer:
    """Answers the first change of the title only when it is asked to."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.held: list[str | bytes] = []

    def connect(self, route: WebSocketRoute) -> None:
        self._page, self._server = route, route.connect_to_server()
        route.on_message(self._to_server)
        self._server.on_message(self._to_page)

    def answer(self) -> None:
        self.log.append("answered")
        for message in self.held:
            self._page.send(message)

    def _to_server(self, message: str | bytes) -> None:
        frame = json.loads(message)
        if frame["type"] == "edit":
            self.log.extend(frame["fields"]["title"]["values"])
        self._server.send(message)

    def _to_page(self, message: str | bytes) -> None:
        if len(self.log) == 1:
            self.held.append(message)
        else:
            self._page.send(message)


async def test_a_slow_server_gets_one_change_of_a_field_at_a_time_while_it_is_typed(form: ProductForm):
    slow = SlowServer()
    page = await form.page.context.new_page()
    await page.route_web_socket("**/ws/uploads/**", slow.connect)
    await page.clock.install()
    await page.goto(form.page.url)
    one = ProductForm(page, form.url)
    await expect(one.inline).to_have_attribute("data-connection", "live")
    for text in ("M", "Mu", "Mug"):
        await field(one, "title").fill(text)
        await page.clock.run_for(500)
    await asyncio.to_thread(wait_for, lambda: slow.held)
    slow.answer()

    await expect(field(form, "title")).to_have_value("Mug")
    assert slow.log == ["M", "answered", "Mug"]
