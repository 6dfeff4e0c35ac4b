"""Leaving an unsaved product: nothing asks, the next page leads back, and the typed text is kept."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from tests.support.browser.window import ProductForm, fill_in_sign_in, new_product, sign_in
from tests.support.images.pictures import photo
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]
LONG = "A mug that keeps its warmth. " * 40


SERVER = {"UPLOADS_GRACE_SECONDS": "300", "UPLOADS_GRACE_SECONDS_LOST": "300"}


def listed(page: Page, draft: str) -> Locator:
    return page.locator(f".unsaved-one[data-draft='{draft}']")


async def end_soon(server: Server, draft: str) -> None:
    """Let a draft that no tab has open expire."""
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    with sqlite3.connect(server.var / "erp.sqlite3", timeout=20) as database:
        due = "UPDATE draft_uploads_draft SET deadline_ms = 0 WHERE id = ?"
        database.execute(due, [draft.replace("-", "")])
    database.close()
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 30)


async def test_u70_leaving_asks_nothing_and_the_next_page_leads_back(server: Server, form: ProductForm, photos: Photos):
    await form.fill(title="Saved mug", sku="LEAVE-1", price="1")
    await form.save()
    await form.saved()
    product = form.page.url
    await form.create()
    draft = form.draft
    await form.fill(title="Blue mug", description=LONG)
    await form.stored_files(*photos(1, 2))
    # The list shows it at once, and never as open elsewhere.
    await form.close_window()
    await form.page.evaluate("sessionStorage.wasOpen = ''")
    await form.page.add_init_script(WATCH_OPEN_ELSEWHERE)
    await form.page.get_by_role("link", name="Products").first.click()
    await expect(listed(form.page, draft)).to_contain_text("2 images")
    await expect(listed(form.page, draft)).to_contain_text("kept until")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    await expect(listed(form.page, draft)).to_contain_text("kept until")
    assert await form.page.evaluate("sessionStorage.wasOpen") == ""

    # Any other page shows it in a notice.
    await form.page.goto(product)
    notice = form.page.locator("[data-left-drafts] .notice")
    await expect(notice).to_contain_text("Unsaved product “Blue mug”, 2 images.")
    await expect(notice).to_contain_text("Kept until")
    await notice.get_by_role("link", name="Continue").click()
    back = ProductForm(form.page, server.url)
    await back.stored(2, back.inline)
    assert back.draft == draft
    await expect(form.page.locator("[name=description]")).to_have_value(LONG)

    # Nor do back and forward.
    await form.page.go_back()
    await expect(notice).to_contain_text("Kept until")


WATCH_OPEN_ELSEWHERE = """
new MutationObserver(() => {
  if (document.body?.textContent.includes("open in another tab")) sessionStorage.wasOpen += location.pathname;
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


async def test_u71_cancel_asks_once_and_says_what_goes(form: ProductForm, photos: Photos):
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await form.fill(description=LONG)
    await form.page.get_by_role("link", name="Cancel").click()
    question = form.page.get_by_role("dialog", name="Discard this product?")
    await expect(question).to_contain_text("What you typed is kept under “Unsaved products” for 7 days.")
    await expect(question.get_by_role("listitem")).to_have_count(0)
    await question.get_by_role("button", name="Keep editing").click()

    await form.fill(title="Blue mug")
    await form.stored_files(*photos(1, 2))
    await form.menu("2.jpg", "Move to first")
    await form.expect_names("2.jpg", "1.jpg")
    await form.close_window()
    await form.page.get_by_role("link", name="Cancel").click()
    question = form.page.get_by_role("dialog", name="Discard “Blue mug”?")
    await expect(question.get_by_role("listitem")).to_have_text(["2 images", "the order of the images"])
    draft = form.draft
    await question.get_by_role("button", name="Discard", exact=True).click()

    await form.page.wait_for_url("**/marketing/")
    await expect(listed(form.page, draft)).to_contain_text("Images deleted, text kept")


async def test_u71_an_untouched_page_is_cancelled_without_a_question(form: ProductForm):
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await form.page.get_by_role("link", name="Cancel").click()
    await form.page.wait_for_url("**/marketing/")


async def test_u71_changes_of_a_product_are_named_and_the_product_stays(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    await form.close_window()
    await form.fill(title="Edited mug", sku="LEAVE-2", price="1")
    await form.save()
    await form.saved()
    product = form.page.url
    await form.page.goto(f"{product}edit/")
    await form.open_window()
    await form.menu("2.jpg", "Move to first")
    await form.expect_names("2.jpg", "1.jpg")
    await form.card("1.jpg").get_by_role("button", name="Remove").click()
    await form.close_window()
    await form.page.get_by_role("link", name="Cancel").click()
    question = form.page.get_by_role("dialog", name="Discard your changes to “Edited mug”?")

    await expect(question.get_by_role("listitem")).to_have_text(["the order of the images", "which images you removed"])
    await expect(question).to_contain_text("The product itself stays as it is.")
    await question.get_by_role("button", name="Discard", exact=True).click()
    await form.page.wait_for_url(product)


async def test_u72_text_outlives_its_images_and_is_restored_once(server: Server, form: ProductForm, photos: Photos):
    draft = form.draft
    await form.fill(title="Blue mug", description=LONG)
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1))
    await form.page.goto(f"{server.url}/marketing/")
    row = listed(form.page, draft)
    await expect(row).to_contain_text("kept until")
    await end_soon(server, draft)

    # Without a reload.
    await expect(row).to_contain_text("Images deleted, text kept")
    await row.get_by_role("button", name="Restore").dblclick()
    await expect(form.page.locator("[name=description]")).to_have_value(LONG)
    await expect(form.page.locator("[data-variant-label]")).to_have_value("Red")
    assert form.draft != draft
    await form.page.goto(f"{server.url}/marketing/")
    await expect(row).to_have_count(0)


async def test_u73_a_draft_is_kept_for_longer_on_request(server: Server, form: ProductForm, photos: Photos):
    draft = form.draft
    await form.stored_files(*photos(1))
    note = form.window.locator(".mf-note")
    await expect(note).to_have_text("Not saved yet. If you leave, we keep this for 5 minutes.")
    await form.window.get_by_role("button", name="Keep for 24 hours").click()
    await expect(note).to_contain_text("If you leave, we keep this until")

    await form.page.goto(f"{server.url}/marketing/")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    (kept,) = server.query(
        "SELECT deadline_ms, keep_until_ms FROM draft_uploads_draft WHERE id = ?", draft.replace("-", "")
    )
    assert kept[0] == kept[1]
    await listed(form.page, draft).get_by_role("button", name="Keep for 24 hours").click()
    await expect(listed(form.page, draft)).to_contain_text("kept until")


async def test_u74_create_product_never_opens_a_draft_with_work_in_it(
    server: Server, form: ProductForm, photos: Photos
):
    draft = form.draft
    await form.fill(title="Blue mug")
    await form.stored_files(*photos(1, 2))
    await form.page.goto(f"{server.url}/marketing/product_create/")
    await expect(form.page.locator("[name=title]")).to_have_value("")
    empty = form.draft
    assert empty != draft
    offer = form.page.locator(f".offer[data-draft='{draft}']")
    await expect(offer).to_contain_text("Unsaved product “Blue mug”, 2 images")

    # The untouched one is opened again, and the other one on request.
    await form.page.goto(f"{server.url}/marketing/")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(empty) == "grace")
    await form.page.goto(f"{server.url}/marketing/product_create/")
    assert form.draft == empty
    await offer.get_by_role("link", name="Continue").click()
    await expect(form.page.locator("[name=title]")).to_have_value("Blue mug")
    assert form.draft == draft
    await expect(form.page.locator(".offer")).to_have_count(0)


async def test_u75_signed_out_says_until_when_then_that_it_expired_and_signs_in_to_this_page(
    server: Server, form: ProductForm, photos: Photos
):
    await form.page.clock.install()
    await form.fill(title="Blue mug")
    await form.stored_files(*photos(1, 2))
    draft = form.draft
    other = await form.page.context.new_page()
    await other.goto(f"{server.url}/marketing/")
    await other.get_by_role("button", name="Sign out").click()
    await expect(form.window).to_have_attribute("data-connection", "signed_out")
    await expect(form.window.locator(".mf-banner").first).to_contain_text("Your images are kept until about")
    await end_soon(server, draft)
    await form.page.clock.fast_forward(310_000)

    await expect(form.window).to_have_attribute("data-connection", "expired")
    await expect(form.window.locator(".mf-banner").first).to_contain_text(
        "2 images expired because the product wasn't saved in time."
    )
    await form.window.get_by_role("link", name="Sign in").click()
    await fill_in_sign_in(form.page)
    await form.page.wait_for_url("**/product_create/?draft=*")
    await expect(form.page.locator("[name=title]")).to_have_value("Blue mug")
    await expect(form.page.locator("[data-lost]")).to_contain_text("saved in time")


async def test_u76_the_list_follows_what_happens_elsewhere(server: Server, context: BrowserContext, photos: Photos):
    page = await sign_in(context, server.url)
    form = await ProductForm(await context.new_page(), server.url).create()
    draft = form.draft
    await form.stored_files(*photos(1))
    row = listed(page, draft)
    await expect(row).to_contain_text("open in another tab")
    await expect(row).to_contain_text("1 image")
    await row.get_by_role("link", name="Continue").focus()
    await form.add(photos(2, 3))
    await form.stored(3)
    await expect(row).to_contain_text("3 images")
    await expect(row.get_by_role("link", name="Continue")).to_be_focused()
    await form.page.close()
    await expect(row).to_contain_text("kept until")
    await end_soon(server, draft)

    await expect(row).to_have_count(0)


async def test_u77_the_browser_asks_only_over_bytes_that_exist_nowhere_else(
    server: Server, browser: Browser, tmp_path: Path
):
    big = tmp_path / "big.jpg"
    big.write_bytes(photo(4))
    # Not a profile as in other tests, where a browser prompt is a failure.
    context = await browser.new_context()
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        form.page.on("dialog", stay)
        await form.page.evaluate(FULL)
        await form.open_window()
        proxy.hold_uploads()
        await form.add([big])
        await expect(form.window).to_contain_text("No room in this browser for a copy of 1 image.")
        await form.page.evaluate("location.assign('/marketing/')")
        await asyncio.to_thread(wait_for, lambda: asked == ["beforeunload"])
        assert "draft=" in form.page.url

        proxy.release_uploads()
        await form.stored(1)
        await form.page.goto(f"{proxy.url}/marketing/")
        assert asked == ["beforeunload"]
    await context.close()


FULL = """
() => { IDBObjectStore.prototype.put = new Proxy(IDBObjectStore.prototype.put, {
  apply(put, store, args) {
    if (store.name === "files") throw new DOMException("full", "QuotaExceededError");
    return Reflect.apply(put, store, args);
  },
}); }
"""
