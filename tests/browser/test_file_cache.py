"""Files cached in the browser: uploads resume after a reload, a crash or a sleep, and an ended draft leaves nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Error, expect

from tests.support.browser.file_cache import digest, expect_kept, stored_bytes
from tests.support.browser.window import ProductForm, new_product, sign_in
from tests.support.images.pictures import picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]
HALFWAY = 1_500_000
BLOB = re.compile("^blob:")


COUNT_TRANSFERS = """
window.transfers = 0;
window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => (transfers += JSON.parse(data).type === "transfer"));
  }
};
"""
"""An init script that counts how often the server asked for a file."""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server with a grace that outlasts a reload under load."""
    return shared_server(UPLOADS_GRACE_SECONDS="30")


@pytest.fixture
def line(line: Line) -> Line:
    """Holds a large file halfway, so that a reload finds it uploading."""
    line[1].hold_uploads(after=HALFWAY)
    return line


LISTEN = """
window.heard = [];
new MutationObserver(() => {
  for (const region of document.querySelectorAll("[role=status]")) {
    if (region.textContent) heard.push(region.textContent);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""An init script that logs what a screen reader announces."""


async def halfway(form: ProductForm) -> None:
    """Wait until the server has a good part of the first uploading file."""
    await form.page.wait_for_function("() => document.querySelector('dialog progress.mf-card-bar')?.value > 0.3")


def bytes_sent(server: Server) -> int:
    spool = server.var / "spool"
    return sum(path.stat().st_size for path in spool.iterdir()) if spool.exists() else 0


# --- Resuming


async def test_u39_a_reload_in_mid_upload_goes_on_by_itself_where_it_was(server: Server, line: Line, big: Path):
    form, proxy = line
    await form.add([big])
    await expect_kept(form.page, 1)
    await halfway(form)
    before = bytes_sent(server)
    await form.page.context.add_init_script(LISTEN)
    await form.page.reload()
    await expect(form.inline.locator("img")).to_have_attribute("src", BLOB)
    proxy.release_uploads()
    await form.stored(1, form.inline)

    assert before > 1_000_000
    assert stored_bytes(server, form.draft) == digest(big)
    assert "1 upload resumed." in str(await form.page.evaluate("heard"))


async def test_u40_a_tab_that_crashes_goes_on_when_its_page_is_opened_again(server: Server, line: Line, big: Path):
    form, proxy = line
    await form.add([big])
    await expect_kept(form.page, 1)
    await halfway(form)
    address, draft = form.page.url, form.draft
    with suppress(Error):
        await form.page.goto("chrome://crash")
    back = ProductForm(await form.page.context.new_page(), proxy.url)
    await back.page.goto(address)
    proxy.release_uploads()
    await back.stored(1, back.inline)

    assert stored_bytes(server, draft) == digest(big)


async def test_files_the_server_never_heard_of_come_back_in_order(server: Server, line: Line, photos: Photos):
    form, proxy = line
    paths = photos(1, 2, 3)
    proxy.cut(stay_closed=True)
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    await form.add(paths)
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    await expect_kept(form.page, 3)
    proxy.mend()
    # Not the page itself, which would send them before it is gone.
    address, context = form.page.url, form.page.context
    with suppress(Error):
        await form.page.goto("chrome://crash")
    assert server.file_states(form.draft) == {}
    back = ProductForm(await context.new_page(), proxy.url)
    await back.page.goto(address)
    await back.stored(3, back.inline)

    assert await back.names(back.inline) == ["1.jpg", "2.jpg", "3.jpg"]
    assert stored_bytes(server, back.draft) == digest(*paths)


async def test_a_file_removed_before_the_reload_stays_removed(server: Server, line: Line, photos: Photos, big: Path):
    form, proxy = line
    await form.add([big, *photos(1)])
    await expect_kept(form.page, 2)
    await form.card("big.jpg").get_by_role("button", name="Remove").click()
    await expect_kept(form.page, 1)
    removed = "SELECT count(*) FROM draft_uploads_file WHERE draft_id = ? AND state = 'receiving' AND name = 'big.jpg'"
    draft = form.draft.replace("-", "")
    await asyncio.to_thread(wait_for, lambda: server.query(removed, draft) == [(0,)])
    await form.page.reload()
    proxy.release_uploads()
    await form.stored(1, form.inline)

    assert await form.names(form.inline) == ["1.jpg"]


async def test_what_was_done_without_a_network_is_done_after_a_reload(
    server: Server, line: Line, photos: Photos, big: Path
):
    form, proxy = line
    await form.add(photos(1, 2, 3))
    await form.stored(3)
    await form.add([big])
    await expect_kept(form.page, 4)
    await expect(form.card("big.jpg")).to_have_attribute("data-state", "uploading")
    # The lightbox, where the text is written, is loaded on first use.
    await form.menu("1.jpg", "Look closer")
    await expect(form.page.get_by_role("dialog", name="1.jpg")).to_be_visible()
    await form.page.keyboard.press("Escape")
    proxy.cut(stay_closed=True)
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    await form.card("big.jpg").get_by_role("button", name="Remove").click()
    await form.card("2.jpg").get_by_role("button", name="Remove").click()
    await form.menu("3.jpg", "Move to first")
    await form.menu("1.jpg", "Alternative text")
    await form.page.get_by_role("textbox", name="What the image shows").fill("A mug")
    await form.page.keyboard.press("Escape")
    address = form.page.url
    with suppress(Error):
        await form.page.reload()
    await form.page.wait_for_url("chrome-error://**")
    proxy.mend()
    await form.page.goto(address)
    await form.open_window()
    await form.expect_names("3.jpg", "1.jpg")
    await expect(form.cards(state="removed").locator(".mf-card-name")).to_have_text(["2.jpg"])
    rows = "SELECT name, state, alt_text FROM draft_uploads_file WHERE draft_id = ? ORDER BY state, sequence"
    wanted = [
        ("big.jpg", "deleted", ""),
        ("2.jpg", "removed", ""),
        ("3.jpg", "stored", ""),
        ("1.jpg", "stored", "A mug"),
    ]
    await asyncio.to_thread(wait_for, lambda: server.query(rows, form.draft.replace("-", "")) == wanted)
    await expect_kept(form.page, 3)


async def test_of_two_tabs_that_reload_one_sends_and_the_other_waits(server: Server, line: Line, big: Path):
    form, proxy = line
    other = await form.another_tab()
    await form.add([big])
    await expect_kept(form.page, 1)
    await halfway(form)
    await form.page.context.add_init_script(COUNT_TRANSFERS)
    await asyncio.gather(form.page.reload(), other.page.reload())
    proxy.release_uploads()
    await form.stored(1, form.inline)
    await other.stored(1, other.inline)

    assert stored_bytes(server, form.draft) == digest(big)
    # The other tab was never given the transfer.
    transfers = [await tab.page.evaluate("transfers") for tab in (form, other)]
    assert min(transfers) == 0 < max(transfers)


async def test_a_tab_takes_over_when_the_one_that_sends_is_closed(server: Server, line: Line, big: Path):
    form, proxy = line
    other = await form.another_tab()
    await form.add([big])
    await expect_kept(form.page, 1)
    await expect(other.card("big.jpg")).to_have_attribute("data-state", "elsewhere")
    await halfway(form)
    await form.page.close()
    await expect(other.card("big.jpg")).to_have_attribute("data-state", "uploading")
    proxy.release_uploads()
    await other.stored(1)

    assert stored_bytes(server, other.draft) == digest(big)


# --- No longer cached


async def with_two(context: BrowserContext, server: Server, photos: Photos, name: str = "demo") -> ProductForm:
    """A draft with two stored images, which the browser has cached."""
    form = await new_product(context, server.url, name)
    await form.stored_files(*photos(1, 2))
    await expect_kept(form.page, 2)
    return form


async def test_nothing_is_kept_of_a_saved_product(server: Server, context: BrowserContext, photos: Photos):
    form = await with_two(context, server, photos)
    await form.close_window()
    await form.fill(title="Saved", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()

    await expect_kept(form.page, 0)


async def test_nothing_is_kept_of_a_discarded_draft(server: Server, context: BrowserContext, photos: Photos):
    form = await with_two(context, server, photos)
    await form.window.get_by_role("button", name="Discard all").click()
    await form.page.get_by_role("button", name="Discard", exact=True).click()
    await form.page.wait_for_url("**/marketing/")

    await expect_kept(form.page, 0)


async def test_nothing_is_kept_after_a_sign_out(server: Server, context: BrowserContext, photos: Photos):
    form = await with_two(context, server, photos)
    await form.close_window()
    await form.page.get_by_role("button", name="Sign out").click()
    await form.page.wait_for_url("**/accounts/login/")

    await expect_kept(form.page, 0)


async def test_what_is_added_while_the_user_signs_out_is_not_kept(
    server: Server, context: BrowserContext, photos: Photos
):
    form = await with_two(context, server, photos)
    await form.close_window()
    # The moment before the page is gone, made long enough to add something.
    await form.page.evaluate("HTMLFormElement.prototype.submit = () => (window.isLeaving = true)")
    await form.page.get_by_role("button", name="Sign out").click()
    await form.page.wait_for_function("() => window.isLeaving")
    await form.add(photos(3))
    await form.stored(3, form.inline)

    await expect_kept(form.page, 0)


async def test_another_user_of_the_same_browser_gets_nothing(server: Server, context: BrowserContext, photos: Photos):
    form = await with_two(context, server, photos)
    address, draft = form.page.url, form.draft
    await form.page.close()
    # An expired session, not a sign-out.
    await context.clear_cookies()
    other = ProductForm(await sign_in(context, server.url, "sam"), server.url)
    await expect_kept(other.page, 0, draft)
    answer = await other.page.goto(address)
    assert answer is not None
    assert answer.status == 404
    await other.create()

    await expect(other.inline).to_have_attribute("data-connection", "live")
    assert await other.cards(other.inline).count() == 0


async def test_what_does_not_fit_is_named_until_it_is_uploaded_or_the_user_has_read_it(line: Line, tmp_path: Path):
    form, proxy = line
    for name, megabytes in (("small.jpg", 0.1), ("large.jpg", 3), ("larger.jpg", 4)):
        (tmp_path / name).write_bytes(picture() + bytes(round(megabytes * 1e6)))
    session = await form.page.context.new_cdp_session(form.page)
    await session.send("Storage.overrideQuotaForOrigin", {"origin": proxy.url, "quotaSize": 2_000_000})
    await form.add([tmp_path / "small.jpg", tmp_path / "large.jpg"])
    await expect(form.window).to_contain_text("No room in this browser for a copy of 1 image.")
    await expect(form.window).to_contain_text("“large.jpg” uploads as usual.")
    proxy.release_uploads()
    await form.stored(2)
    await expect_kept(form.page, 1)
    await expect(form.window).not_to_contain_text("No room")
    proxy.hold_uploads()
    await form.add([tmp_path / "larger.jpg"])
    await expect(form.window).to_contain_text("“larger.jpg” uploads as usual.")
    await form.window.get_by_role("button", name="Dismiss").click()
    await expect(form.window).not_to_contain_text("No room")
    proxy.release_uploads()
    await form.stored(3)


# --- Waking up


async def test_u43_a_frozen_page_that_thaws_notices_its_dead_socket_at_once(line: Line, photos: Photos):
    form, proxy = line
    session = await form.page.context.new_cdp_session(form.page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    await asyncio.to_thread(proxy.cut)
    await session.send("Page.setWebLifecycleState", {"state": "active"})
    await expect(form.window).to_have_attribute("data-connection", "live", timeout=5_000)
    await form.add(photos(1))

    await form.stored(1)


async def test_a_page_that_comes_back_from_the_cache_connects_at_once(server: Server, line: Line, photos: Photos):
    """Tested with events alone: browsers do not cache a page that forbids it, as ours does; a host's may be."""
    form, _ = line
    await form.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(form.draft) == "grace")
    await form.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await expect(form.window).to_have_attribute("data-connection", "live", timeout=5_000)
    await form.add(photos(1))

    await form.stored(1)
