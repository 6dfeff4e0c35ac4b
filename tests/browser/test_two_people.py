"""Two people on one product: nothing crosses until one saves, then it does live, and nobody's text is reverted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.test_text_in_two_tabs import field, offer
from tests.support.browser.window import ProductForm, profile, sign_in
from tests.support.servers.server import Server

People = tuple[ProductForm, ProductForm]


@pytest_asyncio.fixture(loop_scope="session")
async def people(server: Server, browser: Browser, form: ProductForm) -> AsyncIterator[People]:
    """The edit page of one product, open on the desks of the demo user and of Sam Okafor."""
    await form.fill(title="Mug", sku=uuid4().hex[:8], price="10")
    await form.save()
    await form.saved()
    edit = f"{form.page.url}edit/"
    async with profile(browser) as desk:
        sam = ProductForm(await sign_in(desk, server.url, "sam"), server.url)
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
    await sam.save()
    await sam.saved()

    await expect(field(mine, "title")).to_have_value("Blue mug")
    await expect(mine.page.locator(".mf-inline [role=status]")).to_contain_text("Sam Okafor changed Title.")
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
