"""Text that did not reach the server: it is sent again, outlives its page, and is nobody else's."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.browser.test_text_in_two_tabs import field, leave, offer, paste, two_tabs
from tests.support.browser.window import ProductForm, profile, sign_in
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

Line = tuple[ProductForm, Proxy]


SERVER = {"UPLOADS_GRACE_SECONDS": "300", "UPLOADS_GRACE_SECONDS_LOST": "300"}


@pytest_asyncio.fixture(loop_scope="session")
async def cut_off(server: Server, context: BrowserContext) -> AsyncIterator[Line]:
    """A form whose line to the server is cut: what is typed stays in the browser until `mend`."""
    with Proxy(server.port) as proxy:
        form = await ProductForm(await sign_in(context, proxy.url), proxy.url).create()
        await expect(form.inline).to_have_attribute("data-connection", "live")
        proxy.cut(stay_closed=True)
        await expect(form.inline).to_have_attribute("data-connection", "reconnecting")
        yield form, proxy


async def stored(page: Page, text: str) -> None:
    """Wait until this browser keeps a text."""
    await page.wait_for_function(
        """(text) => Object.entries(localStorage)
            .some(([key, value]) => key.startsWith("manage-files:edits:") && value.includes(text))""",
        arg=text,
    )


@pytest.mark.parametrize("end", ["closed", "crashed"])
async def test_text_typed_offline_outlives_its_tab(cut_off: Line, end: str):
    form, proxy = cut_off
    url, context = form.page.url, form.page.context
    await field(form, "title").fill("Typed offline")
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await stored(form.page, "Red")
    if end == "closed":
        await form.page.close()
    else:
        session = await context.new_cdp_session(form.page)
        crashed = asyncio.ensure_future(form.page.wait_for_event("crash"))
        asking = asyncio.ensure_future(session.send("Page.crash"))
        await crashed
        asking.cancel()
    proxy.mend()
    again = ProductForm(await context.new_page(), form.url)
    await again.page.goto(url)

    await expect(field(again, "title")).to_have_value("Typed offline")
    await expect(again.page.locator("[data-variant-label]")).to_have_value("Red")
    await expect(again.page.locator(".mf-field-offers")).to_have_count(0)
    await again.page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.includes(':edits:'))")


async def test_text_of_a_closed_tab_meets_what_was_typed_since_by_the_rules(server: Server, cut_off: Line):
    form, proxy = cut_off
    other = ProductForm(await form.page.context.new_page(), server.url)
    await sign_in(form.page.context, server.url)
    await other.page.goto(form.page.url.replace(proxy.url, server.url))
    await expect(other.inline).to_have_attribute("data-connection", "live")
    await field(form, "price").fill("12.00")
    await field(form, "sku").fill("SAME")
    await stored(form.page, "12.00")
    url = form.page.url
    await form.page.close()
    await field(other, "price").fill("11.00")
    await field(other, "sku").fill("SAME")
    await leave(other)
    proxy.mend()
    again = ProductForm(await other.page.context.new_page(), form.url)
    await again.page.goto(url)

    await expect(offer(other, "Other tab: 12.00")).to_be_visible()
    await expect(field(other, "price")).to_have_value("11.00")
    await expect(again.page.locator(".mf-field-offers")).to_have_count(1)


async def test_tabs_that_are_both_offline_keep_their_own_and_ask_nothing_twice(server: Server, context: BrowserContext):
    with Proxy(server.port) as proxy:
        form = await ProductForm(await sign_in(context, proxy.url), proxy.url).create()
        one, other = await two_tabs(form)
        proxy.cut(stay_closed=True)
        for tab in (one, other):
            await expect(tab.inline).to_have_attribute("data-connection", "reconnecting")
        await field(one, "title").fill("One's")
        await field(other, "description").fill("Other's")
        await stored(one.page, "One's")
        await stored(other.page, "Other's")
        proxy.mend()
        for tab in (one, other):
            await expect(field(tab, "title")).to_have_value("One's")
            await expect(field(tab, "description")).to_have_value("Other's")
            await expect(tab.page.locator(".mf-field-offers")).to_have_count(0)


async def test_another_user_of_this_browser_finds_nothing(server: Server, form: ProductForm):
    await form.page.evaluate("localStorage.setItem('manage-files:edits:999:draft:page', '9999999999999 {}')")
    await form.page.goto(f"{server.url}/marketing/")
    await form.page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.includes(':edits:'))")
    await form.create()
    await form.page.evaluate("localStorage.setItem('manage-files:edits:999:draft:page', '9999999999999 {}')")
    await form.page.get_by_role("button", name="Sign out").click()
    await form.page.wait_for_url("**/accounts/login/**")

    assert await form.page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':edits:'))") == []


async def test_text_typed_offline_and_after_expiry_comes_back_with_a_reload(server: Server, cut_off: Line):
    form, proxy = cut_off
    draft = form.draft
    await field(form, "title").fill("Typed offline")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    with sqlite3.connect(server.var / "erp.sqlite3", timeout=20) as database:
        due = "UPDATE draft_uploads_draft SET deadline_ms = 0 WHERE id = ?"
        database.execute(due, [draft.replace("-", "")])
    database.close()
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 30)
    proxy.mend()
    await expect(form.inline).to_have_attribute("data-connection", "expired")
    await field(form, "description").fill("Typed after it expired")
    await form.page.reload()

    assert form.draft != draft
    await expect(field(form, "title")).to_have_value("Typed offline")
    await expect(field(form, "description")).to_have_value("Typed after it expired")
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await expect(form.page.locator(".mf-field-offers")).to_have_count(0)
    await form.page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.includes(':edits:'))")
    await form.page.reload()
    await expect(field(form, "description")).to_have_value("Typed after it expired")


async def test_text_that_is_too_long_to_keep_outlives_a_reload(form: ProductForm):
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await paste(field(form, "description"), "x" * 200_000)
    await expect(form.page.locator(".mf-field-problem")).to_contain_text("too long")
    await form.page.reload()

    await expect(field(form, "description")).to_have_value("x" * 200_000)
    await expect(form.page.locator(".mf-field-problem")).to_contain_text("too long")


@pytest.mark.parametrize(("code", "times"), [("server_error", 2), ("too_fast", 1)])
async def test_text_a_server_could_not_take_just_now_is_sent_again(form: ProductForm, code: str, times: int):
    refused: list[dict[str, Any]] = []

    def refuse(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def to_server(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["type"] not in ("edit", "variants") or len(refused) >= 2 * times:
                return server.send(message)
            refused.append(frame)
            error = {"type": "error", "op": frame["op"], "code": code, "message": "", "retryable": True, "file": None}
            route.send(json.dumps(error))
            return None

        route.on_message(to_server)

    page = await form.page.context.new_page()
    await page.route_web_socket("**/ws/uploads/**", refuse)
    one = ProductForm(page, form.url)
    await page.goto(form.page.url)
    await expect(one.inline).to_have_attribute("data-connection", "live")
    await field(one, "title").fill("Blue mug")
    await page.locator("[data-variant-add]").click()
    await page.locator("[data-variant-label]").fill("Red")

    await expect(field(form, "title")).to_have_value("Blue mug")
    await expect(form.page.locator("[data-variant-label]")).to_have_value("Red")
    await expect(page.locator(".mf-field-problem")).to_have_count(0)
    assert len(refused) == 2 * times


async def test_what_was_typed_a_moment_before_it_is_discarded_is_kept(server: Server, form: ProductForm):
    draft = form.draft
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await field(form, "title").press_sequentially("Blue mug")
    await form.page.get_by_role("link", name="Cancel").click()
    question = form.page.get_by_role("dialog", name="Discard “Blue mug”?")
    await expect(question).to_contain_text("What you typed is kept under “Unsaved products” for 7 days.")
    await question.get_by_role("button", name="Discard", exact=True).click()
    await form.page.wait_for_url("**/marketing/")
    row = form.page.locator(f".unsaved-one[data-draft='{draft}']")
    await expect(row).to_contain_text("Discarded, text kept")
    await row.get_by_role("button", name="Restore").click()

    await expect(field(form, "title")).to_have_value("Blue mug")


async def test_a_discard_without_a_network_does_not_promise_to_keep_text(cut_off: Line):
    form, _ = cut_off
    await field(form, "title").fill("Blue mug")
    await form.page.get_by_role("link", name="Cancel").click()
    question = form.page.get_by_role("dialog", name="Discard “Blue mug”?")

    await expect(question).to_contain_text("What you typed last hasn't reached the server. It will be deleted too.")
    await expect(question).not_to_contain_text("is kept")


async def test_t7_what_another_tab_typed_unseen_brings_the_form_back_once(server: Server, form: ProductForm):
    sku = uuid4().hex[:8]
    await form.fill(title="Mug", sku=sku, price="10")
    one, other = await two_tabs(form)
    await expect(field(other, "price")).to_have_value("10.00")
    # Nothing reaches this page any more.
    await one.page.evaluate("document.querySelector('manage-files').remove()")
    await field(other, "price").fill("12")
    await other.page.locator("[data-variant-add]").click()
    await other.page.locator("[data-variant-label]").fill("Green")
    await leave(other)
    kept = "SELECT form || variants FROM draft_uploads_draft WHERE id = ?"
    draft = form.draft.replace("-", "")
    await asyncio.to_thread(
        wait_for, lambda: all(text in server.query(kept, draft)[0][0] for text in ("12.00", "Green"))
    )
    await one.save()

    await expect(one.page.get_by_text("Another tab has “12.00” here. Save again to keep this.")).to_be_visible()
    await expect(one.page.get_by_text("Added in another tab. Save again to keep it.")).to_be_visible()
    await expect(field(one, "price")).to_be_focused()
    await expect(field(one, "price")).to_have_value("10")
    await expect(offer(one, "Other tab: 12.00")).to_be_visible()
    await one.save()
    await one.saved()
    await expect(one.page.get_by_text("10.00")).to_be_visible()
    await expect(one.page.get_by_role("heading", name="Green")).to_be_visible()


@pytest_asyncio.fixture(loop_scope="session")
async def colleagues(server: Server, browser: Browser, form: ProductForm) -> AsyncIterator[tuple[ProductForm, ...]]:
    """The edit page of a product with two variants, open on the desktops of the demo user and of Sam Okafor."""
    await form.fill(title="Mug", sku=uuid4().hex[:8], price="10")
    for number, label in enumerate(("Red", "Blue")):
        await form.page.locator("[data-variant-add]").click()
        await form.page.locator("[data-variant-label]").nth(number).fill(label)
    await form.save()
    await form.saved()
    edit = f"{form.page.url}edit/"
    async with profile(browser) as desktop:
        sam = ProductForm(await sign_in(desktop, server.url, "sam"), server.url)
        for one in (form, sam):
            await one.page.goto(edit)
            await expect(one.inline).to_have_attribute("data-connection", "live")
        yield form, sam


async def test_t8_variants_a_colleague_removed_go_where_they_were_left_alone_and_stay_where_they_were_edited(
    colleagues: tuple[ProductForm, ProductForm],
):
    mine, sam = colleagues
    labels = mine.page.locator("[data-variant-label]")
    await labels.first.fill("Crimson")
    await leave(mine)
    await expect(mine.page.locator("[data-editors]")).to_be_visible()
    for _ in range(2):
        await sam.page.locator("[data-variant-remove]").first.click()
    await sam.save()
    await sam.saved()

    await expect(labels).to_have_count(1)
    await expect(labels).to_have_value("Crimson")
    note = mine.page.locator("[data-row-note]")
    await expect(note).to_contain_text("Removed by Sam Okafor")
    await mine.save()
    await mine.saved()
    await expect(mine.page.get_by_role("heading", name="Crimson")).to_be_visible()
    await expect(mine.page.get_by_text("Blue", exact=True)).to_have_count(0)
