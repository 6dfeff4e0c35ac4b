"""A network that blocks WebSockets: the dialog works over HTTP, says so, and returns to WebSockets when it can."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect

from tests.support.browser.window import ProductForm, new_product, profile, shown_images, sign_in
from tests.support.images.pictures import photo
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

pytestmark = pytest.mark.timeout(120)

Photos = Callable[..., list[Path]]
Big = tuple[Path, bytes]
FLOOR_MS = 180_000
N_SECONDS = 2
WATCH_CONNECTION = """
window.states = [];
const look = () => {
  const state = document.querySelector("manage-files dialog")?.dataset.connection;
  if (state && state !== states.at(-1)) states.push(state);
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
"""


SERVER = {"UPLOADS_GRACE_SECONDS": str(N_SECONDS)}


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        proxy.blocks_websockets = True
        yield proxy


@pytest_asyncio.fixture(loop_scope="session")
async def form(context: BrowserContext, proxy: Proxy) -> ProductForm:
    """A fresh Create product page behind a proxy that refuses WebSockets."""
    return await new_product(context, proxy.url)


@pytest.fixture
def big(tmp_path: Path) -> tuple[Path, bytes]:
    """A photo that takes a while to send, and its bytes."""
    path, content = tmp_path / "big.jpg", photo(4)
    path.write_bytes(content)
    return path, content


async def test_a_product_is_made_without_any_websocket(server: Server, proxy: Proxy, form: ProductForm, photos: Photos):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.open_window("limited")
    await expect(form.window.locator(".mf-banner", has_text="Live updates aren't available.")).to_be_visible()
    await form.add(photos(1, 2, 3, 4))
    await form.stored(4)
    await form.card("3.jpg").focus()
    await form.page.keyboard.press("Alt+Home")
    await form.expect_names("3.jpg", "1.jpg", "2.jpg", "4.jpg")
    await form.menu("4.jpg", "Move to variant “Red”")
    await form.card("1.jpg").get_by_role("button", name="Remove").click()
    await expect(form.cards(state="removed")).to_have_count(1)
    # Over HTTP a command waits for the response to the previous one, and a reload waits for neither.
    await asyncio.to_thread(wait_for, lambda: "removed" in server.file_states(form.draft).values())
    await form.page.reload()
    await form.open_window("limited")
    await form.expect_names("3.jpg", "2.jpg", "4.jpg")
    await expect(form.page.locator("[data-variant-label]")).to_have_value("Red")
    await form.close_window()
    await expect(form.inline.locator(".mf-banner", has_text="Live updates aren't available.")).to_be_visible()
    sku = uuid4().hex[:10]
    await form.fill(title="Behind a proxy", sku=sku, price="1")
    await form.save()
    await form.saved()

    assert len(await shown_images(form.page)) == 3
    names = server.query(
        "SELECT f.name FROM marketing_productfile f JOIN marketing_product p ON p.id = f.product_id "
        "WHERE p.sku = ? ORDER BY f.variant_id IS NOT NULL, f.sequence",
        sku,
    )
    assert names == [("3.jpg",), ("2.jpg",), ("4.jpg",)]
    assert proxy.handshakes > 2


async def test_progress_is_shown_and_a_broken_line_costs_no_byte(
    server: Server, proxy: Proxy, form: ProductForm, big: Big
):
    await form.open_window("limited")
    proxy.hold_uploads(after=1_200_000)
    await form.add([big[0]])
    await expect(form.card("big.jpg")).to_have_attribute("data-state", "uploading")
    await expect(form.card("big.jpg")).to_contain_text(re.compile(r"[3-9]\d%"))
    proxy.cut(stay_closed=True)
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    received = _received(server, form.draft)
    assert received > len(big[1]) / 5
    proxy.mend()
    await expect(form.window).to_have_attribute("data-connection", "limited", timeout=20_000)
    await form.stored(1)

    assert [path.read_bytes() for path in _objects(server, form.draft)] == [big[1]]
    assert _epochs(server, form.draft) > 1


async def test_asking_keeps_the_draft_and_leaving_lets_it_go(server: Server, form: ProductForm, photos: Photos):
    await form.open_window("limited")
    await form.add(photos(1))
    await form.stored(1)
    draft = form.draft
    first = _deadline_ms(server, draft)
    await asyncio.to_thread(wait_for, lambda: _deadline_ms(server, draft) > first + 2 * N_SECONDS * 1000, 30)
    assert server.draft_state(draft) == "grace"
    assert FLOOR_MS - 15_000 < _deadline_ms(server, draft) - _service_ms(server) <= FLOOR_MS + 2_000
    await form.page.close()
    left = _deadline_ms(server, draft)
    later = _service_ms(server) + 7_000
    await asyncio.to_thread(wait_for, lambda: _service_ms(server) > later, 30)

    assert _deadline_ms(server, draft) == left


async def test_discarding_is_the_end_at_once(server: Server, form: ProductForm, photos: Photos):
    await form.open_window("limited")
    await form.add(photos(1))
    await form.stored(1)
    draft = form.draft
    await form.window.get_by_role("button", name="Discard all").click()
    await form.page.get_by_role("button", name="Discard", exact=True).click()
    await form.page.wait_for_url("**/marketing/")

    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 15)
    assert _objects(server, draft) == []


async def test_a_limited_and_a_live_tab_are_one_workspace(
    server: Server, proxy: Proxy, form: ProductForm, context: BrowserContext, photos: Photos, big: Big
):
    await form.open_window("limited")
    live = ProductForm(await context.new_page(), server.url)
    await live.page.goto(form.page.url.replace(proxy.url, server.url))
    await live.open_window()
    # Other tabs receive progress now and then; at this speed each part is one step.
    proxy.bytes_per_second = 400_000
    proxy.hold_uploads(after=1_500_000)
    await form.add([big[0]])
    await expect(live.card("big.jpg")).to_have_attribute("data-state", "elsewhere")
    await live.page.wait_for_function("() => document.querySelector('dialog progress.mf-card-bar').value > 0.2")
    proxy.mend()
    await live.stored(1)
    await live.add(photos(1, 2))
    await form.stored(3)
    await live.card("2.jpg").focus()
    await live.page.keyboard.press("Alt+Home")
    await form.expect_names("2.jpg", "big.jpg", "1.jpg")
    await form.card("big.jpg").get_by_role("button", name="Remove").click()
    await expect(live.cards(state="removed")).to_have_count(1)
    await live.close_window()
    await live.fill(title="Saved live", sku=uuid4().hex[:10], price="1")
    await live.save()
    await live.saved()

    await expect(form.window).to_have_attribute("data-connection", "committed")
    link = form.window.get_by_role("link").first
    assert str(await link.get_attribute("href")) in live.page.url


async def test_a_websocket_that_gets_through_ends_it_in_the_middle_of_an_upload(
    server: Server, proxy: Proxy, form: ProductForm, big: Big
):
    await form.open_window("limited")
    proxy.hold_uploads(after=1_200_000)
    await form.add([big[0]])
    await expect(form.card("big.jpg")).to_contain_text(re.compile(r"[2-9]\d%"))
    proxy.blocks_websockets = False
    await form.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(form.window).to_have_attribute("data-connection", "live")
    assert server.draft_state(form.draft) == "open"
    proxy.release_uploads()
    await form.stored(1)

    assert [path.read_bytes() for path in _objects(server, form.draft)] == [big[1]]
    await expect(form.window.locator(".mf-banner", has_text="your network blocks")).to_be_hidden()


async def test_the_limited_mode_is_said_and_looks_for_a_websocket_by_itself(proxy: Proxy, form: ProductForm):
    await expect(form.inline.get_by_role("status")).to_contain_text(
        "Live updates aren't available. Uploads still work."
    )
    await form.open_window("limited")
    proxy.blocks_websockets = False

    await expect(form.window).to_have_attribute("data-connection", "live", timeout=30_000)
    await expect(form.window.get_by_role("status")).to_contain_text("Back online.")


async def test_a_restart_is_not_taken_for_a_blocked_network(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos
):
    server = make_server()
    with Proxy(server.port) as proxy:
        form = ProductForm(await sign_in(context, proxy.url), proxy.url)
        await form.page.add_init_script(WATCH_CONNECTION)
        await form.create()
        await form.open_window()
        server.kill()
        before = proxy.handshakes
        await asyncio.to_thread(wait_for, lambda: proxy.handshakes > before + 2, 40)
        await asyncio.to_thread(server.start)
        await expect(form.window).to_have_attribute("data-connection", "live", timeout=20_000)
        await form.add(photos(1))
        await form.stored(1)

        assert await form.page.evaluate("states") == ["connecting", "live", "reconnecting", "live"]


async def test_signing_out_is_noticed_over_http(proxy: Proxy, form: ProductForm, context: BrowserContext):
    await form.open_window("limited")
    other = await context.new_page()
    await other.goto(f"{proxy.url}/marketing/")
    await other.get_by_role("button", name="Sign out").click()

    await expect(form.window).to_have_attribute("data-connection", "signed_out")


def _row(server: Server, columns: str, draft: str) -> tuple[int, ...]:
    return server.query(f"SELECT {columns} FROM draft_uploads_draft WHERE id = ?", draft.replace("-", ""))[0]  # noqa: S608


def _deadline_ms(server: Server, draft: str) -> int:
    return _row(server, "deadline_ms", draft)[0]


def _service_ms(server: Server) -> int:
    return int(server.query("SELECT s_ms FROM draft_uploads_serviceclock")[0][0])


def _received(server: Server, draft: str) -> int:
    files = server.file_states(draft)
    return sum(path.stat().st_size for path in (server.var / "spool").iterdir() if path.stem in files)


def _objects(server: Server, draft: str) -> list[Path]:
    """The objects of the draft's images, without their small pictures."""
    files = server.file_states(draft)
    return [path for path in server.temp_objects() if path.stem.endswith(tuple(files))]


def _epochs(server: Server, draft: str) -> int:
    sql = "SELECT max(writer_epoch) FROM draft_uploads_file WHERE draft_id = ?"
    return int(server.query(sql, draft.replace("-", ""))[0][0])


async def test_a_colleague_in_limited_mode_is_shown_and_sees_who_else_edits(
    form: ProductForm, server: Server, browser: Browser
):
    await form.fill(title="Mug", sku=uuid4().hex[:8], price="10")
    await form.save()
    await form.saved()
    path = f"{urlsplit(form.page.url).path}edit/"
    await form.page.goto(f"{form.url}{path}")
    await expect(form.inline).to_have_attribute("data-connection", "limited")
    async with profile(browser) as desktop:
        sam = ProductForm(await sign_in(desktop, server.url, "sam"), server.url)
        await sam.page.goto(f"{server.url}{path}")
        await expect(sam.page.locator("[data-editors]")).to_have_text("Demo is editing this product.")
        await expect(form.page.locator("[data-editors]")).to_have_text("Sam Okafor is editing this product.")
