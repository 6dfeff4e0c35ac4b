"""An expired draft: what this browser still holds is restored with one click, and what it does not hold is named."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.browser.file_cache import digest, expect_kept, keeps_in_order, stored_bytes
from tests.support.browser.window import ProductForm, fill_in_sign_in, new_product, shown_images
from tests.support.images.pictures import picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """A server with a short request timeout."""
    return shared_server(UPLOADS_GRACE_SECONDS="4")


async def expired(server: Server, draft: str) -> None:
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 30)


async def give_up(server: Server, draft: str) -> None:
    """Let a draft expire that no tab has opened yet, which takes longer."""
    with sqlite3.connect(server.var / "erp.sqlite3", timeout=20) as database:
        due = "UPDATE draft_uploads_draft SET deadline_ms = 0 WHERE state = 'grace' AND id = ?"
        database.execute(due, [draft.replace("-", "")])
    database.close()
    await expired(server, draft)


CUT_OFF = """
() => {
  document.querySelector("manage-files").dataset.http = "";
  window.isCutOff = true;
  window.WebSocket = class extends WebSocket {
    constructor(url, ...more) {
      super(window.isCutOff ? url.replace("/ws/uploads/", "/ws/nowhere/") : url, ...more);
    }
  };
}
"""
"""While `isCutOff`, the sockets of the next draft do not open, but pages and forms get through."""


@asynccontextmanager
async def with_variants(
    server: Server, context: BrowserContext, paths: list[Path]
) -> AsyncIterator[tuple[ProductForm, Proxy]]:
    """A draft with three stored images: the second and the first of the product, the third of the variant Red."""
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.page.locator("[data-variant-add]").click()
        await form.page.locator("[data-variant-label]").fill("Red")
        await form.stored_files(*paths)
        await expect(form.window.get_by_role("heading", name="Red")).to_be_visible()
        await form.menu("3.jpg", "Red")
        await form.menu("2.jpg", "Move to first")
        await form.expect_names("2.jpg", "1.jpg", "3.jpg")
        await expect_kept(form.page, 3, form.draft)
        await keeps_in_order(form.page, form.draft)
        yield form, proxy


async def come_back(form: ProductForm, server: Server, proxy: Proxy) -> ProductForm:
    """Leave, and open the URL again when the draft has expired; a fourth image was never in this browser."""
    address, context = form.page.url, form.page.context
    assert (await form.send_by_http("4.jpg", picture(seed=4))).ok
    await form.stored(4)
    await form.page.close()
    await expired(server, form.draft)
    back = ProductForm(await context.new_page(), proxy.url)
    await back.page.goto(address)
    await expect(back.inline).to_contain_text(
        "4 images expired because the product wasn't saved in time. "
        "3 can be restored from this browser. Deleted: “4.jpg”."
    )
    return back


async def is_back(form: ProductForm, server: Server, paths: list[Path]) -> None:
    """Wait until all three are stored again in their old positions."""
    await form.stored(3, form.inline)
    assert await form.names(form.inline) == ["2.jpg", "1.jpg", "3.jpg"]
    rows = server.query(
        "SELECT name, file_type FROM draft_uploads_file WHERE draft_id = ? ORDER BY file_type, sequence",
        str(await form.page.locator("manage-files").get_attribute("data-draft")).replace("-", ""),
    )
    assert rows == [("2.jpg", "main_image"), ("1.jpg", "main_image"), ("3.jpg", "variant_image")]


async def test_an_open_tab_that_learns_of_the_expiry_gets_all_back_with_one_click(
    server: Server, context: BrowserContext, photos: Photos
):
    paths = photos(1, 2, 3)
    async with with_variants(server, context, paths) as (form, proxy):
        old = form.draft
        await form.page.reload()  # The files of an earlier page count as well.
        await form.stored(3, form.inline)
        await form.open_window()
        proxy.cut(stay_closed=True)
        await expired(server, old)
        proxy.mend()
        await expect(form.window).to_contain_text(
            "3 images expired because the product wasn't saved in time. 3 can be restored from this browser."
        )
        await expect(form.window.get_by_role("status")).to_contain_text("3 images expired")
        await form.window.get_by_role("button", name="Restore images").dblclick()
        await expect(form.page.locator("manage-files")).not_to_have_attribute("data-draft", old)
        await is_back(form, server, paths)
        await expect_kept(form.page, 3)

        assert stored_bytes(server, form.draft) == digest(*paths)
        await expect_kept(form.page, 3, form.draft)
        # The new draft has its text, so it is not offered once more.
        new = form.draft
        await form.page.goto(f"{form.url}/marketing/")
        await expect(form.page.locator(f"[data-draft='{new}']")).to_be_visible()
        await expect(form.page.locator(f"[data-draft='{old}']")).to_have_count(0)


async def test_without_a_new_draft_the_page_stays_as_it_is_and_may_try_again(
    server: Server, context: BrowserContext, photos: Photos
):
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.stored_files(*photos(1))
        old = form.draft
        proxy.cut(stay_closed=True)
        await expired(server, old)
        proxy.mend()
        await expect(form.window.get_by_role("button", name="Restore images")).to_be_visible()
        await form.close_window()
        await form.fill(title="Typed after the end")
        await context.set_offline(True)
        await form.inline.get_by_role("button", name="Restore images").click()
        told = "Could not start a new draft. Try again. 1 can be restored from this browser."
        await expect(form.inline.locator(".mf-banner", has_text=told)).to_be_visible()
        await expect(form.inline.get_by_role("status")).to_contain_text("Could not start a new draft. Try again.")
        await context.set_offline(False)
        await context.clear_cookies()
        await form.inline.get_by_role("button", name="Try again").click()
        await expect(form.inline.locator(".mf-banner", has_text="Sign in, then try again.")).to_be_visible()
        async with context.expect_page() as opened:
            await form.inline.get_by_role("link", name="Sign in").click()
        await fill_in_sign_in(await opened.value)
        await (await opened.value).wait_for_url("**/marketing/")
        await form.inline.get_by_role("button", name="Try again").click()
        await expect(form.page.locator("manage-files")).not_to_have_attribute("data-draft", old)
        await form.stored(1, form.inline)

        await expect(form.page.locator("[name=title]")).to_have_value("Typed after the end")


async def test_a_new_draft_that_expires_before_it_has_the_files_leaves_them_on_offer(
    server: Server, context: BrowserContext, photos: Photos
):
    paths = photos(1, 2, 3)
    async with with_variants(server, context, paths) as (form, proxy):
        old = form.draft
        proxy.cut(stay_closed=True)
        await expired(server, old)
        proxy.mend()
        await expect(form.window).to_contain_text("3 images expired")
        await form.page.evaluate(CUT_OFF)
        await form.window.get_by_role("button", name="Restore images").click()
        await expect(form.page.locator("manage-files")).not_to_have_attribute("data-draft", old)
        await expect(form.inline).to_contain_text(
            "3 images wait to be uploaded again. “2.jpg”, “1.jpg”, and “3.jpg” go"
        )
        second = str(await form.page.locator("manage-files").get_attribute("data-draft"))
        await give_up(server, second)
        await form.page.evaluate("window.isCutOff = false")
        await expect(form.inline).to_contain_text(
            "3 images expired because the product wasn't saved in time. 3 can be restored from this browser."
        )
        await form.inline.get_by_role("button", name="Restore images").click()
        await expect(form.page.locator("manage-files")).not_to_have_attribute("data-draft", second)
        await is_back(form, server, paths)
        # The names from all three drafts.
        await expect_kept(form.page, 3)
        await expect_kept(form.page, 3, form.draft)


async def test_u40_who_comes_back_to_an_expired_draft_gets_all_back_with_one_click(
    server: Server, context: BrowserContext, photos: Photos
):
    paths = photos(1, 2, 3)
    async with with_variants(server, context, paths) as (form, proxy):
        back, old = await come_back(form, server, proxy), form.draft
        await expect(back.page.locator("[data-lost-files]").first).to_be_hidden()
        await expect(back.inline).to_have_attribute("data-connection", "live")
        await expect(back.page.locator("manage-files")).not_to_contain_text("No images yet")
        await back.inline.get_by_role("button", name="Restore images").dblclick()
        await expect(back.inline).to_contain_text(
            "1 image expired because the product wasn't saved in time. Deleted: “4.jpg”."
        )
        await is_back(back, server, paths)
        await expect(back.page.locator("[data-variant-label]")).to_have_value("Red")
        await expect_kept(back.page, 3, back.draft)
        await expect_kept(back.page, 0, old)


async def test_a_save_that_came_too_late_keeps_the_text_and_offers_the_images(
    server: Server, context: BrowserContext, photos: Photos
):
    paths = photos(1, 2, 3)
    async with with_variants(server, context, paths) as (form, _):
        old = form.draft
        await form.close_window()
        await form.fill(title="Late", sku=uuid4().hex[:10], price="1")
        # Its socket stays closed, as on a page that slept; only the form still gets through.
        await form.page.evaluate("document.querySelector('manage-files').remove()")
        await expired(server, old)
        await form.page.evaluate("document.querySelector('#product-form').submit()")
        await expect(form.page.locator("[data-lost]")).to_contain_text("This product wasn't saved in time")
        await expect(form.page.locator("[name=title]")).to_have_value("Late")
        await form.inline.get_by_role("button", name="Restore images").click()
        await is_back(form, server, paths)
        await form.save()
        await form.saved()
        await form.page.wait_for_load_state("load")

        assert [image["width"] > 0 for image in await shown_images(form.page)] == [True] * 3


async def test_what_is_no_longer_held_is_named_apart_and_a_dismissed_offer_is_gone(
    server: Server, context: BrowserContext, photos: Photos
):
    async with with_variants(server, context, photos(1, 2, 3)) as (form, proxy):
        back = await come_back(form, server, proxy)
        await back.inline.get_by_role("button", name="Dismiss").click()
        await expect(back.inline).to_contain_text("No images yet")
        await expect_kept(back.page, 0)
        await back.page.reload()
        await expect(back.page.locator("[data-lost]")).to_have_count(0)
        await expect(back.inline.get_by_role("button", name="Restore images")).to_have_count(0)


async def test_u82_expired_is_one_state_and_a_removed_image_is_not_lost(
    server: Server, context: BrowserContext, photos: Photos, big: Path
):
    """Counts, bar, banner and cards agree; nothing is uploading, paused or among the removed files any more."""
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.stored_files(*photos(1, 2, 3))
        proxy.hold_uploads()
        await form.add([big])
        await expect(form.card("big.jpg")).to_have_attribute("data-state", "uploading")
        old = form.draft
        proxy.cut(stay_closed=True)
        await expect(form.window).to_have_attribute("data-connection", "reconnecting")
        await form.card("2.jpg").get_by_role("button", name="Remove").click()
        await expect(form.window.locator("[data-section=removed]")).to_be_visible()
        await expired(server, old)
        proxy.mend()

        told = "3 images expired because the product wasn't saved in time. 3 can be restored from this browser."
        await expect(form.window.locator(".mf-banner:visible")).to_have_text(re.compile(f"^{re.escape(told)}"))
        await expect(form.window.locator(".mf-total")).to_have_text("3 images expired")
        await expect(form.window.locator(".mf-total progress")).to_be_hidden()
        await expect(form.cards(state="gone")).to_have_count(3)
        await expect(form.cards()).to_have_count(3)
        await expect(form.cards().locator(".mf-card-words")).to_have_text(["Can be restored"] * 3)
        await expect(form.window.locator(".mf-card progress:visible")).to_have_count(0)
        await expect(form.window.locator("[data-section=removed]")).to_have_count(0)
        await form.close_window()
        await expect(form.inline.locator(".mf-open-count")).to_have_text("")


async def test_u82_an_expired_draft_is_restored_once_and_asked_about_once(
    server: Server, context: BrowserContext, photos: Photos
):
    paths = photos(1, 2, 3)
    async with with_variants(server, context, paths) as (form, proxy):
        old = form.draft
        proxy.cut(stay_closed=True)
        await expect(form.window).to_have_attribute("data-connection", "reconnecting")
        await form.card("1.jpg").get_by_role("button", name="Remove").click()
        await form.expect_names("2.jpg", "3.jpg")
        await expired(server, old)
        proxy.mend()
        # Reload: the next page learns of the end, and of what was removed, from the URL and from this browser.
        await expect(form.window).to_have_attribute("data-connection", "expired")
        await form.page.reload()
        told = "2 images expired because the product wasn't saved in time. 2 can be restored from this browser."
        await expect(form.inline.locator(".mf-banner:visible")).to_have_text(re.compile(f"^{re.escape(told)}"))
        await form.inline.get_by_role("button", name="Restore images").click()
        await form.stored(2, form.inline)
        await expect(form.page.locator("[data-lost]")).to_be_hidden()
        await expect(form.page).not_to_have_url(re.compile("lost="))
        await form.page.reload()
        await form.stored(2, form.inline)

        assert await form.names(form.inline) == ["2.jpg", "3.jpg"]
        await expect(form.inline.locator(".mf-banner:visible")).to_have_count(0)
        await expect(form.page.locator("[data-lost]")).to_have_count(0)
