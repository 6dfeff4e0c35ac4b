"""From one product to the next, back to unsaved work, and two people editing one product."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.support.browser.window import ProductForm, profile, shown_images, sign_in
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]


SERVER: dict[str, str] = {}


async def test_create_and_add_another_begins_an_empty_product(form: ProductForm, photos: Photos):
    first = form.draft
    await form.stored_files(*photos(1))
    await form.close_window()
    await form.fill(title="Mug & more", sku="NEXT-1", price="1")
    await form.page.get_by_role("button", name="Create and add another").click()
    await expect(form.page.locator(".notice.good")).to_have_text("Saved: Mug & more.")
    assert form.draft != first
    await form.open_window()
    await form.expect_names()
    await form.close_window()
    await form.page.get_by_role("link", name="Mug & more").click()

    assert [image["alt"] for image in await shown_images(form.page)] == ["1.jpg"]


async def test_the_list_leads_back_to_what_was_not_saved(server: Server, form: ProductForm, photos: Photos):
    draft = form.draft
    await form.stored_files(*photos(1, 2))
    await form.close_window()
    await form.fill(title="Half a mug")
    other = await form.page.context.new_page()
    await other.goto(f"{server.url}/marketing/")
    row = other.locator(f".unsaved-one[data-draft='{draft}']")
    await expect(row).to_contain_text(re.compile(r"2 images ·\s+open in another tab"))
    await form.page.goto("about:blank")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    await other.reload()
    await expect(row).to_contain_text("kept until")
    await row.get_by_role("link", name="Continue").click()
    back = ProductForm(other, server.url)
    await back.stored(2, back.inline)
    await expect(other.locator("[name=title]")).to_have_value("Half a mug")
    await other.goto(f"{server.url}/marketing/")
    await row.get_by_role("link", name="Discard").click()
    await other.get_by_role("button", name="Discard").click()

    await expect(other.get_by_role("heading", name="Products", exact=True)).to_be_visible()
    await expect(row).to_contain_text("Images deleted, text kept")


async def test_two_people_who_edit_one_product_keep_both_their_images(
    server: Server, browser: Browser, form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1))
    await form.close_window()
    await form.fill(title="Shared mug", sku="SHARED-1", price="1")
    await form.save()
    await form.saved()
    edit = f"{form.page.url}edit/"
    async with profile(browser) as desktop:
        hers = ProductForm(await sign_in(desktop, server.url, "sam"), server.url)
        for one, number in ((form, 2), (hers, 3)):
            await one.page.goto(edit)
            await one.stored_files(*photos(number))
            await one.close_window()
        await hers.save()
        await hers.saved()
        await expect(hers.page.get_by_role("status")).to_have_count(0)
    await form.save()
    await form.saved()

    await expect(form.page.get_by_role("status")).to_contain_text("Sam Okafor also saved this product")
    assert [image["alt"] for image in await shown_images(form.page)] == ["1.jpg", "2.jpg", "3.jpg"]
