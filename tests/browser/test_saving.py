"""Saving and leaving: unfinished and failed files, failed forms, cancel and discard, and what is shown afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.browser.window import ProductForm, new_product, shown_images
from tests.support.images.pictures import photo, picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for
from tests.support.stores.image_stores import BOTH_STORES, ImageStore

Photos = Callable[..., list[Path]]


@pytest.mark.parametrize("seconds", [0, 1, 30])
async def test_every_image_shows_at_once_however_long_promotion_takes(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos, seconds: int
):
    server = make_server(UPLOADS_PROMOTE_DELAY_SECONDS=str(seconds))
    form = await new_product(context, server.url)
    await form.add(photos(1, 2, 3, 4))
    await form.stored(4, form.inline)
    await form.fill(title="Shown", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()
    await form.page.wait_for_load_state("load")

    assert [image["width"] > 0 for image in await shown_images(form.page)] == [True] * 4


async def test_u45_wait_and_save_saves_when_the_last_file_is_stored(
    server: Server, context: BrowserContext, tmp_path: Path
):
    (tmp_path / "big.jpg").write_bytes(photo(5))
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.fill(title="Waited", sku=uuid4().hex[:10], price="1")
        proxy.hold_uploads()
        await form.add([tmp_path / "big.jpg"])
        await form.save()
        await form.page.get_by_role("button", name="Wait and save").click()
        proxy.release_uploads()
        await form.saved()
        await form.page.wait_for_load_state("load")

        assert [image["width"] > 0 for image in await shown_images(form.page)] == [True]


async def test_u45_save_without_the_unfinished_leaves_them_out(
    server: Server, context: BrowserContext, photos: Photos, tmp_path: Path
):
    (tmp_path / "big.jpg").write_bytes(photo(8))
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.add(photos(1))
        await form.stored(1, form.inline)
        proxy.hold_uploads()
        await form.add([tmp_path / "big.jpg"])
        await expect(form.card("big.jpg", form.inline)).to_be_visible()
        await form.fill(title="Without", sku=uuid4().hex[:10], price="1")
        await form.save()
        await form.page.get_by_role("button", name="Save without").click()
        await form.saved()
        await form.page.wait_for_load_state("load")

        assert len(await shown_images(form.page)) == 1
    await asyncio.to_thread(wait_for, lambda: server.temp_objects() == [])


async def test_a_file_that_failed_for_good_never_blocks(form: ProductForm, photos: Photos, tmp_path: Path):
    (tmp_path / "half.jpg").write_bytes(picture()[:-500])
    await form.add([*photos(1), tmp_path / "half.jpg"])
    await form.stored(1, form.inline)
    await expect(form.card("half.jpg", form.inline)).to_have_attribute("data-state", "failed")
    await form.fill(title="Anyway", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()

    assert len(await shown_images(form.page)) == 1


async def test_u46_a_form_that_fails_comes_back_with_the_same_images(server: Server, form: ProductForm, photos: Photos):
    taken = str(server.query("SELECT sku FROM marketing_product LIMIT 1")[0][0])
    await form.add(photos(1, 2, 3))
    await form.stored(3, form.inline)
    draft = form.draft
    await form.fill(title="Twice", sku=taken, price="1")
    await form.save()
    await expect(form.page.get_by_text("Another product has this SKU")).to_be_visible()
    await form.stored(3, form.inline)

    assert form.draft == draft
    assert await form.names(form.inline) == ["1.jpg", "2.jpg", "3.jpg"]
    await expect(form.page.locator("[name=title]")).to_have_value("Twice")
    await form.fill(sku=uuid4().hex[:10])
    await form.save()
    await form.saved()
    assert len(await shown_images(form.page)) == 3


@BOTH_STORES
async def test_cancel_asks_and_then_ends_the_draft_at_once(
    server: Server, images: ImageStore, form: ProductForm, photos: Photos
):
    await form.add(photos(1, 2))
    await form.stored(2, form.inline)
    draft = form.draft
    await form.page.locator("[data-cancel]").click()
    await form.page.get_by_role("button", name="Keep editing").click()
    assert server.draft_state(draft) == "open"
    await form.page.locator("[data-cancel]").click()
    await form.page.get_by_role("button", name="Discard", exact=True).click()
    await form.page.wait_for_url("**/marketing/")

    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired")
    assert images.temp() == []


async def test_variant_images_are_linked_to_their_variants(server: Server, form: ProductForm, photos: Photos):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.open_window()
    section = form.window.get_by_role("heading", name="Red")
    await expect(section).to_be_visible()
    await form.add(photos(1, 2))
    await form.stored(2)
    await form.card("2.jpg").get_by_role("button", name="More").click()
    await form.window.get_by_role("menuitem", name="Red").click()
    await expect(form.card("2.jpg")).to_contain_text("Cover")
    await form.close_window()
    sku = uuid4().hex[:10]
    await form.fill(title="Coloured", sku=sku, price="1")
    await form.save()
    await form.saved()
    rows = server.query(
        "SELECT f.name, v.name, f.is_primary FROM marketing_productfile f"
        " JOIN marketing_product p ON p.id = f.product_id"
        " LEFT JOIN marketing_productvariant v ON v.id = f.variant_id WHERE p.sku = ? ORDER BY f.name",
        sku,
    )

    assert rows == [("1.jpg", None, 1), ("2.jpg", "Red", 0)]


async def test_editing_changes_nothing_until_it_is_saved(server: Server, form: ProductForm, photos: Photos):
    await form.add(photos(1, 2))
    await form.stored(2, form.inline)
    await form.fill(title="Edited", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()
    product = form.page.url
    await form.page.goto(f"{product}edit/")
    await expect(form.cards(form.inline)).to_have_count(2)
    await form.open_window()
    await form.card("1.jpg").get_by_role("button", name="Remove").click()
    await form.add(photos(3))
    await form.stored(1)
    other = await form.page.context.new_page()
    await other.goto(product)
    assert [image["alt"] for image in await shown_images(other)] != []
    assert len(await shown_images(other)) == 2
    await form.close_window()
    await form.save()
    await form.saved()
    number = int(product.rstrip("/").rpartition("/")[2])
    rows = server.query("SELECT name FROM marketing_productfile WHERE product_id = ? ORDER BY sequence", number)

    assert rows == [("2.jpg",), ("3.jpg",)]
    await asyncio.to_thread(wait_for, lambda: server.temp_objects() == [])


async def test_who_waits_to_save_is_not_left_waiting_when_another_tab_throws_the_draft_away(
    line: tuple[ProductForm, Proxy], big: Path
):
    form, proxy = line
    other = await form.another_tab()
    proxy.hold_uploads()
    await form.close_window()
    await form.add([big])
    await form.save()
    await form.page.get_by_role("button", name="Wait and save").click()
    # The previous question is fading out.
    question = form.page.locator("dialog.mf-question[open]")
    await expect(question).to_contain_text("Saving as soon as")
    await other.close_window()
    await other.page.locator("[data-cancel]").click()
    await other.page.get_by_role("button", name="Discard", exact=True).click()

    await expect(question).to_have_count(0)
    await expect(form.inline.locator(".mf-banner").first).to_contain_text("discarded")


async def test_a_page_that_comes_back_from_the_browsers_cache_can_be_left_again(form: ProductForm):
    # Without content to show, a browser stays on the page.
    await form.page.route("**/marketing/", lambda route: route.fulfill(status=204))
    async with form.page.expect_response("**/marketing/"):
        await form.page.locator("[data-cancel]").click()
    await form.page.unroute("**/marketing/")
    await form.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await form.page.locator("[data-cancel]").click()

    await form.page.wait_for_url("**/marketing/")
