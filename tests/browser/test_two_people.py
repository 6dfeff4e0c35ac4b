"""Two people editing one product: changes are shared only by a save, then live; nobody's text is reverted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute, expect

from tests.browser.test_text_in_two_tabs import field, offer, two_tabs
from tests.support.browser.window import ProductForm, profile, sign_in
from tests.support.servers.server import Server

People = tuple[ProductForm, ProductForm]
LISTEN = """() => {
  window.said = [];
  const status = document.querySelector(".mf-inline [role=status]");
  new MutationObserver(() => said.push(status.textContent)).observe(status, { subtree: true, childList: true });
}"""
"""What is said lasts until the next is said: on a busy machine, too short for a look now and then."""


SERVER = {"UPLOADS_GRACE_SECONDS": "2", "UPLOADS_GRACE_SECONDS_LOST": "4"}


@pytest_asyncio.fixture(loop_scope="session")
async def people(server: Server, browser: Browser, form: ProductForm) -> AsyncIterator[People]:
    """The edit page of one product, open for the demo user and for Sam Okafor."""
    await form.fill(title="Mug", sku=uuid4().hex[:8], price="10")
    await form.save()
    await form.saved()
    edit = f"{form.page.url}edit/"
    async with profile(browser) as desktop:
        sam = ProductForm(await sign_in(desktop, server.url, "sam"), server.url)
        for one in (form, sam):
            await one.page.goto(edit)
            await expect(one.inline).to_have_attribute("data-connection", "live")
        yield form, sam


async def test_t6_what_a_colleague_saved_comes_in_live(people: People):
    mine, sam = people
    await field(mine, "price").fill("11.00")
    await field(sam, "title").fill("Blue mug")
    await field(sam, "price").fill("14.00")
    await expect(field(mine, "title")).to_have_value("Mug")
    await mine.page.evaluate(LISTEN)
    await sam.save()
    await sam.saved()

    await expect(field(mine, "title")).to_have_value("Blue mug")
    await mine.page.wait_for_function("() => said.some((text) => text.includes('Sam Okafor changed Title.'))")
    await expect(field(mine, "price")).to_have_value("11.00")
    await expect(offer(mine, "Sam Okafor: 14.00")).to_be_visible()

    # What was shown counts as seen.
    await mine.save()
    await mine.saved()
    await expect(mine.page.get_by_role("heading", name="Blue mug")).to_be_visible()
    await expect(mine.page.get_by_text("11.00")).to_be_visible()


async def test_t7_a_conflict_that_was_not_seen_brings_the_form_back_once(people: People):
    mine, sam = people
    # Nothing reaches this page any more.
    await mine.page.evaluate("document.querySelector('manage-files').remove()")
    await field(sam, "title").fill("Blue mug")
    await sam.save()
    await sam.saved()
    await field(mine, "title").fill("Red mug")
    await mine.save()

    await expect(mine.page.get_by_text("Sam Okafor saved “Blue mug” here.")).to_be_visible()
    await expect(field(mine, "title")).to_be_focused()
    await expect(field(mine, "title")).to_have_value("Red mug")
    await mine.save()
    await mine.saved()
    await expect(mine.page.get_by_role("heading", name="Red mug")).to_be_visible()


async def test_t9_saved_in_another_tab_the_form_locks_and_its_text_can_be_copied(form: ProductForm):
    one, other = await two_tabs(form)
    ended = form.draft
    await one.page.locator("[data-variant-add]").click()
    await one.page.locator("[data-variant-label]").fill("Red")
    await one.fill(title="Mug", sku=uuid4().hex[:8], price="10", description="Long text")
    await expect(field(other, "description")).to_have_value("Long text")
    await field(other, "description").fill("Long text, and my last words")
    await one.save()
    await one.saved()

    banner = other.page.locator(".mf-inline .mf-banner").filter(has_text="saved in another tab")
    await expect(banner).to_be_visible()
    await expect(field(other, "title")).not_to_be_editable()
    await expect(other.page.locator("#save")).to_be_disabled()
    await expect(field(other, "description")).to_have_value("Long text, and my last words")
    await banner.get_by_role("button", name="Copy to a new product").click()
    await other.page.wait_for_url(lambda url: "draft=" in url and ended not in url)
    await expect(field(other, "description")).to_have_value("Long text, and my last words")
    await expect(other.page.locator("[data-variant-label]")).to_have_value("Red")
    await field(other, "sku").fill(uuid4().hex[:8])
    await other.save()
    await other.saved()
    await expect(other.page.get_by_text("Long text, and my last words")).to_be_visible()


async def test_t9_who_deletes_a_product_is_told_who_edits_it(people: People):
    mine, sam = people
    await field(sam, "title").fill("Sam's mug")
    await mine.page.goto(mine.page.url.partition("edit/")[0] + "delete/")
    await expect(mine.page.get_by_text("Being edited by Sam Okafor.")).to_be_visible()
    await mine.page.get_by_role("button", name="Delete").click()
    await mine.page.wait_for_url("**/marketing/")

    banner = sam.page.locator(".mf-inline .mf-banner").filter(has_text="Demo deleted this product.")
    await expect(banner).to_be_visible()
    await expect(field(sam, "title")).to_have_value("Sam's mug")
    await expect(field(sam, "title")).not_to_be_editable()
    await expect(banner.get_by_role("button", name="Copy to a new product")).to_be_visible()


async def test_t6_who_else_has_the_product_open_is_shown(people: People):
    mine, sam = people
    line = mine.page.locator("[data-editors]")
    await field(sam, "sku").focus()
    await expect(line).to_have_text("Sam Okafor is editing this product.")
    await sam.page.close()
    await expect(line).to_be_hidden()


async def test_t6_after_five_idle_minutes_a_colleague_only_has_it_open(people: People):
    mine, _ = people

    def almost_idle(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def to_page(message: str | bytes) -> None:
            frame = json.loads(message)
            for editor in frame.get("editors", []):
                editor["idle_seconds"] += 290
            route.send(json.dumps(frame))

        server.on_message(to_page)

    await mine.page.route_web_socket("**/ws/uploads/**", almost_idle)
    await mine.page.reload()
    line = mine.page.locator("[data-editors]")
    await expect(line).to_have_text("Sam Okafor is editing this product.")
    await expect(line).to_have_text("Sam Okafor has this open.", timeout=40_000)
