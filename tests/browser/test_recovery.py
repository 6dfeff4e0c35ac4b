"""What a reload, a crash, a dead network or a second tab must not cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.browser.file_cache import NO_STORAGE
from tests.support.browser.window import ProductForm, new_product
from tests.support.images.pictures import photo
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for
from tests.support.stores.image_stores import BOTH_STORES

Photos = Callable[..., list[Path]]


@BOTH_STORES
async def test_a_reload_within_n_keeps_everything(server: Server, form: ProductForm, photos: Photos):
    await form.open_window()
    await form.add(photos(1, 2, 3))
    await form.stored(3)
    await form.close_window()
    await form.fill(title="Half typed", sku="HALF-1", price="3.50")
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    texts = ("Half", "3.50", "Red")
    await asyncio.to_thread(wait_for, lambda: all(text in _noted(server, form.draft) for text in texts))
    await form.page.reload()

    await form.stored(3, form.inline)
    assert await form.names(form.inline) == ["1.jpg", "2.jpg", "3.jpg"]
    await expect(form.page.locator("[name=title]")).to_have_value("Half typed")
    await expect(form.page.locator("[name=price]")).to_have_value("3.50")
    await expect(form.page.locator("[data-variant-label]")).to_have_value("Red")


async def test_u38_a_killed_server_resumes_mid_upload_and_loses_nothing(
    make_server: Callable[..., Server], context: BrowserContext, tmp_path: Path
):
    server = make_server(UPLOADS_GRACE_SECONDS="30")
    content = photo(6)
    (tmp_path / "big.jpg").write_bytes(content)
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.open_window()
        proxy.hold_uploads(after=1_500_000)
        await form.add([tmp_path / "big.jpg"])
        spooled = await asyncio.to_thread(wait_for, lambda: _spooled(server) > 1_000_000 and _spooled(server), 30)
        server.kill()
        proxy.cut()
        await expect(form.window).to_have_attribute("data-connection", "reconnecting")
        assert _spooled(server) < len(content)
        assert _spooled(server) >= spooled
        proxy.release_uploads()
        await asyncio.to_thread(server.start)
        await form.stored(1)

    stored = [path for path in server.temp_objects() if path.suffix == ".jpg"]
    assert [path.read_bytes() == content for path in stored] == [True]


async def test_a_cut_connection_is_told_and_heals_by_itself(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos
):
    server = make_server(UPLOADS_GRACE_SECONDS="30")
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.open_window()
        await form.add(photos(1))
        await form.stored(1)
        proxy.cut(stay_closed=True)
        await expect(form.window).to_have_attribute("data-connection", "reconnecting")
        await expect(form.window.locator(".mf-banner").get_by_text("Nothing is lost")).to_be_visible()
        proxy.mend()
        await expect(form.window).to_have_attribute("data-connection", "live", timeout=8_000)
        await form.add(photos(2))
        await form.stored(2)


@pytest.mark.timed
async def test_two_tabs_see_each_other_within_a_second(form: ProductForm, photos: Photos):
    await form.open_window()
    other = ProductForm(await form.page.context.new_page(), form.url)
    await other.page.goto(form.page.url)
    await other.open_window()
    await expect(form.window).to_contain_text("2 tabs")
    await form.add(photos(1, 2, 3))
    await form.stored(3)
    await other.stored(3)
    await form.card("3.jpg").focus()
    await form.page.keyboard.press("Alt+ArrowLeft")
    moved = time.monotonic()
    await other.page.wait_for_function(
        "() => document.querySelectorAll('dialog [data-file-id] .mf-card-name')[1].title === '3.jpg'"
    )
    assert time.monotonic() - moved < 1
    await other.card("1.jpg").get_by_role("button", name="Remove").click()
    removed = time.monotonic()
    await expect(form.cards(state="removed")).to_have_count(1)

    assert time.monotonic() - removed < 1
    assert await form.names() == ["3.jpg", "2.jpg"]


async def test_u44_progress_of_one_tab_shows_in_the_other(server: Server, context: BrowserContext, tmp_path: Path):
    content = photo(5)
    (tmp_path / "big.jpg").write_bytes(content)
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        other = ProductForm(await context.new_page(), server.url)
        await other.page.goto(form.page.url)
        await other.open_window()
        await form.open_window()
        # Other tabs hear of progress now and then: at this pace each part is a step of its own.
        proxy.bytes_per_second = 500_000
        proxy.hold_uploads(after=len(content) // 2)
        await form.add([tmp_path / "big.jpg"])
        card = other.card("big.jpg")
        await expect(card).to_have_attribute("data-state", "elsewhere")
        bar = card.locator("progress")
        await other.page.wait_for_function("() => document.querySelector('dialog progress.mf-card-bar').value > 0.2")
        before = float(await bar.evaluate("bar => bar.value"))
        proxy.mend()
        await other.stored(1)

    assert 0.2 < before < 1


async def test_u47_a_double_click_on_save_makes_one_product(server: Server, form: ProductForm, photos: Photos):
    await form.open_window()
    await form.add(photos(1))
    await form.stored(1)
    await form.close_window()
    sku = uuid4().hex[:10]
    await form.fill(title="Once", sku=sku, price="1")
    await form.page.locator("#save").dblclick()
    await form.saved()

    assert server.query("SELECT count(*) FROM marketing_product WHERE sku = ?", sku) == [(1,)]
    assert server.query("SELECT count(*) FROM marketing_productfile WHERE name = '1.jpg'") == [(1,)]


async def test_u47_a_save_in_another_tab_is_told_with_a_link(form: ProductForm, photos: Photos):
    await form.open_window()
    await form.add(photos(1))
    await form.stored(1)
    other = ProductForm(await form.page.context.new_page(), form.url)
    await other.page.goto(form.page.url)
    await other.open_window()
    await form.close_window()
    await form.fill(title="Elsewhere", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()
    await expect(other.window).to_have_attribute("data-connection", "committed")
    link = other.window.get_by_role("link").first

    assert str(await link.get_attribute("href")) in form.page.url


@BOTH_STORES
async def test_after_expiry_the_names_of_the_lost_images_are_told(server: Server, form: ProductForm, photos: Photos):
    await form.open_window()
    await form.add(photos(1, 2))
    await form.stored(2)
    address, draft, context = form.page.url, form.draft, form.page.context
    await form.page.close()
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 15)
    page = await context.new_page()
    await page.add_init_script(NO_STORAGE)
    await page.goto(address)

    await expect(page.get_by_text("1.jpg")).to_be_visible()
    assert ProductForm(page, form.url).draft != draft
    assert await page.locator("[data-file-id]").count() == 0


def _noted(server: Server, draft: str) -> str:
    rows = server.query(
        "SELECT fields || form || variants FROM draft_uploads_draft WHERE id = ?", draft.replace("-", "")
    )
    return str(rows[0][0])


def _spooled(server: Server) -> int:
    spool = server.var / "spool"
    return sum(path.stat().st_size for path in spool.iterdir()) if spool.exists() else 0
