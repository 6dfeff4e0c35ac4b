"""What the dialog shows while files are uploading, and what it does when an upload fails."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, expect

from tests.support.browser.window import ProductForm, new_product
from tests.support.images.pictures import photo, picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, copy_of, wait_for

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]
PARALLEL = 3
PACE = 3_000_000
"""Bytes per second, so that a page has the time to render its steps."""

WATCH_CARDS = """
window.log = [];
const look = () => {
  const total = document.querySelector("dialog .mf-total");
  const card = document.querySelector("dialog .mf-card");
  if (!card) return;
  const bar = card.querySelector("progress"), box = card.getBoundingClientRect();
  const entry = {
    state: card.dataset.state, shown: !bar.hidden, hasValue: bar.hasAttribute("value"),
    name: bar.getAttribute("aria-label"),
    box: [box.x, box.y, box.width, box.height].map(Math.round).join(),
    count: document.querySelectorAll("dialog .mf-card").length,
    running: "running" in total.dataset, ratio: total.querySelector("progress").value,
    left: total.querySelector(".mf-total-left").textContent,
  };
  if (JSON.stringify(entry) !== JSON.stringify(log.at(-1))) log.push(entry);
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
"""An init script that logs how the first card and the progress line look."""

DEAF = """
window.WebSocket = class extends WebSocket {
  addEventListener(type, listener, options) {
    super.addEventListener(type, type !== "message" ? listener : (event) => {
      if (!window.isDeaf || !event.data.includes('"type":"ack"')) return listener(event);
      (window.held ??= []).push(() => listener(event));
    }, options);
  }
};
"""
"""An init script: while `isDeaf`, the page receives everything except acknowledgements."""


SERVER = {"UPLOADS_GRACE_SECONDS": "30"}
"""One server for all of them: each uploads the files of its own draft."""


IS_GONE = """source => new Promise((tell) => {
  Object.assign(new Image(), { src: source, onload: () => tell(false), onerror: () => tell(true) });
})"""


@pytest.fixture
def several(tmp_path: Path) -> list[Path]:
    """Photos that together take a while."""
    paths = [tmp_path / f"{number}.jpg" for number in range(1, 6)]
    for number, path in enumerate(paths):
        path.write_bytes(photo(1, seed=number))
    return paths


async def watched(form: ProductForm) -> None:
    await form.page.add_init_script(WATCH_CARDS)
    await form.page.reload()
    await form.open_window()


@contextmanager
def no_spool(server: Server) -> Iterator[None]:
    """For the duration of the block, the server has no disk space for received bytes."""
    spool = server.var / "spool"
    spool.rename(aside := spool.with_name("aside"))
    spool.write_text("no folder")
    try:
        yield
    finally:
        spool.unlink()
        aside.rename(spool)


async def log(form: ProductForm) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = await form.page.evaluate("log")
    return entries


async def test_u17_each_file_has_a_named_bar_that_knows_how_far_it_is_and_then_does_not(line: Line, big: Path):
    form, proxy = line
    proxy.bytes_per_second = PACE
    await watched(form)
    await form.add([big])
    await form.stored(1)
    shown = [entry for entry in await log(form) if entry["shown"]]

    assert {entry["name"] for entry in shown} == {"Upload of big.jpg"}
    assert {entry["hasValue"] for entry in shown if entry["state"] == "uploading"} == {True}
    assert [entry["hasValue"] for entry in shown if entry["state"] == "processing"][-1] is False


async def test_u19_the_total_never_goes_back_but_when_files_are_added(line: Line, several: list[Path], big: Path):
    form, proxy = line
    proxy.bytes_per_second = PACE
    await watched(form)
    proxy.hold_uploads(after=700_000)
    await form.add(several[:3])
    await expect(form.cards(state="uploading").first).to_contain_text(re.compile("[2-9]\\d%"))
    await form.add([big])
    await expect(form.card("big.jpg")).to_be_visible()
    proxy.release_uploads()
    await form.stored(4)
    running = [entry for entry in await log(form) if entry["running"]]

    for before, after in pairwise(running):
        assert after["ratio"] >= before["ratio"] or after["count"] > before["count"], (before, after)
    assert len({entry["ratio"] for entry in running}) > 10
    assert any(re.search(r"[\d.]+ of [\d.]+ MB.*left", entry["left"]) for entry in running), running[-3:]
    await expect(form.window.locator(".mf-total-count")).to_have_text("4 images stored")


async def test_u20_so_many_upload_at_once_in_list_order_and_cancelling_one_starts_the_next(
    line: Line, several: list[Path]
):
    form, proxy = line
    proxy.hold_uploads()
    await form.add(several)
    await expect(form.cards(state="uploading")).to_have_count(PARALLEL)
    await expect(form.card("4.jpg")).to_contain_text("Waiting")
    await expect(form.card("5.jpg")).to_contain_text("Waiting (1 ahead)")
    await form.card("1.jpg").get_by_role("button", name="Remove").click()

    await expect(form.card("4.jpg")).to_have_attribute("data-state", "uploading")
    await expect(form.cards(state="uploading")).to_have_count(PARALLEL)
    await expect(form.card("5.jpg")).to_have_attribute("data-state", "queued")


async def test_u21_a_cancelled_upload_leaves_neither_a_file_nor_bytes(server: Server, line: Line, big: Path):
    form, proxy = line
    proxy.hold_uploads(after=1_000_000)
    await form.add([big])
    await expect(form.cards(state="uploading")).to_contain_text(re.compile("[2-9]\\d%"))
    file = str(await form.card("big.jpg").get_attribute("data-file-id"))
    assert [path for path in server.temp_objects() if file in path.name]
    await form.card("big.jpg").get_by_role("button", name="Remove").click()

    await expect(form.cards()).to_have_count(0)
    await asyncio.to_thread(wait_for, lambda: server.file_states(form.draft).get(file) in (None, "deleted"))
    await asyncio.to_thread(wait_for, lambda: [path for path in server.temp_objects() if file in path.name] == [])


async def test_u22_what_the_server_cannot_take_is_tried_again_by_itself(
    server: Server, form: ProductForm, photos: Photos
):
    await form.open_window()
    with no_spool(server):
        await form.add(photos(1))
        await expect(form.card("1.jpg")).to_contain_text("Trying again (2 of 5)")
        await expect(form.card("1.jpg")).to_have_attribute("data-state", "retrying")

    await form.stored(1)


async def test_u22_who_tries_again_by_key_keeps_the_focus_on_the_card(
    server: Server, form: ProductForm, photos: Photos
):
    await form.page.clock.install()
    await form.open_window()
    await form.add(photos(1))
    await form.stored(1)
    with no_spool(server):
        await form.add(photos(2))
        for attempt in range(1, 4):
            await expect(form.card("2.jpg")).to_contain_text(f"({attempt} of 5)")
            await form.page.clock.fast_forward(16_000)
        await expect(form.card("2.jpg")).to_contain_text("(4 of 5)")
        await form.card("2.jpg").get_by_role("button", name="Retry").focus()
    await form.page.keyboard.press("Enter")
    await form.stored(2)

    await expect(form.card("2.jpg")).to_be_focused()


async def test_u22_all_that_failed_is_tried_again_in_one_click(server: Server, form: ProductForm, photos: Photos):
    await form.page.clock.install()
    await form.open_window()
    await form.add(photos(1))
    await form.stored(1)
    with no_spool(server):
        await form.add(photos(2, 3))
        for attempt in range(1, 6):
            await expect(form.cards().filter(has_text=f"({attempt} of 5)")).to_have_count(2)
            await form.page.clock.fast_forward(16_000)
        await expect(form.cards(state="failed")).to_have_count(2)
    await form.window.get_by_role("button", name="Retry all 2 failed").click()

    await form.stored(3)
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    await expect(form.window.get_by_role("button", name="Retry all")).to_be_hidden()


class DyingServer(Server):
    """A server that kills itself once an object is in the store, before it records that."""

    module = "tests.support.servers.faulty_server"


async def test_u23_a_server_killed_after_storing_and_before_answering_has_one_file(
    prepared_var: Path, context: BrowserContext, photos: Photos, tmp_path: Path
):
    faults = tmp_path / "faults"
    faults.mkdir()
    dying = DyingServer(copy_of(prepared_var, tmp_path / "var"), UPLOADS_GRACE_SECONDS="60", FAULTS=str(faults))
    await asyncio.to_thread(dying.start)
    try:
        form = await new_product(context, dying.url)
        await form.stored_files(*photos(1))
        (faults / "after-put").touch()
        await form.add(photos(2))
        await asyncio.to_thread(wait_for, lambda: not dying.is_running, 30)
        await form.add(photos(3))
        dying.kill()
        await asyncio.to_thread(dying.start)
        await form.stored(3)

        await form.expect_names("1.jpg", "2.jpg", "3.jpg")
        assert len(dying.file_states(form.draft)) == 3
        assert len(dying.temp_images()) == 3
    finally:
        dying.kill()


async def test_u24_an_upload_that_does_not_move_says_so_until_the_next_byte(form: ProductForm, big: Path):
    await form.page.add_init_script(DEAF)
    await form.page.clock.install()
    await form.page.reload()
    await form.open_window()
    await form.page.evaluate("() => { window.isDeaf = true; }")
    await form.add([big])
    card = form.card("big.jpg")
    await expect(card).to_have_attribute("data-state", "uploading")
    await expect(card).not_to_contain_text("nothing moves")
    await form.page.clock.fast_forward(10_000)
    await expect(card).to_contain_text("Connected, but nothing moves")
    await expect(form.window.get_by_role("status")).to_contain_text("nothing moves")
    await expect(card.get_by_role("button", name="Retry")).to_be_visible()
    await form.page.evaluate("() => { window.isDeaf = false; for (const tell of window.held) tell(); }")

    await form.stored(1)
    await expect(card).not_to_contain_text("nothing moves")


async def test_u24_retrying_what_does_not_move_sends_it_over_a_new_connection(form: ProductForm, big: Path):
    await form.page.add_init_script(DEAF)
    await form.page.clock.install()
    await form.page.reload()
    await form.open_window()
    await form.page.evaluate("() => { window.isDeaf = true; }")
    await form.add([big])
    await expect(form.card("big.jpg")).to_have_attribute("data-state", "uploading")
    await form.page.clock.fast_forward(10_000)
    await expect(form.card("big.jpg")).to_contain_text("Connected, but nothing moves")
    # Only now: a late response would move it by itself.
    await form.page.evaluate("() => addEventListener('click', () => { window.isDeaf = false; }, { capture: true })")
    await form.card("big.jpg").get_by_role("button", name="Retry").click()

    await form.stored(1)


async def test_u25_a_success_stays_to_be_seen_and_nothing_jumps(form: ProductForm, tmp_path: Path):
    (tmp_path / "quick.jpg").write_bytes(picture(seed=5))
    await watched(form)
    await form.window.evaluate("window => Promise.all(window.getAnimations().map(({ finished }) => finished))")
    await form.page.evaluate("log.length = 0")
    await form.add([tmp_path / "quick.jpg"])
    await form.stored(1)
    check = form.card("quick.jpg").locator(".mf-icon-check")
    await expect(check).to_be_visible()
    seen = await check.evaluate(
        """(check) => new Promise((resolve) => {
          const since = performance.now();
          const look = () => {
            if (!check.checkVisibility()) resolve(performance.now() - since);
            else if (performance.now() - since > 750) resolve(Infinity);
            else requestAnimationFrame(look);
          };
          look();
        })"""
    )

    assert seen == float("inf")
    assert len({entry["box"] for entry in await log(form)}) == 1


@pytest.mark.parametrize("sideways", [False, True], ids=["upright", "sideways"])
async def test_u14_a_preview_stands_upright_and_what_cannot_be_shown_has_an_icon(
    line: Line, tmp_path: Path, sideways: bool
):
    form, proxy = line
    proxy.bytes_per_second = 1
    with Image.open(io.BytesIO(picture(width=400, height=200))) as image:
        exif = image.getexif()
        exif[0x0112] = 6 if sideways else 1
        image.save(tmp_path / "wide.jpg", exif=exif)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8nothing")
    await form.add([tmp_path / "wide.jpg", tmp_path / "broken.jpg"])
    shown = form.card("wide.jpg").locator("img")
    await expect(shown).to_be_visible()
    source = str(await shown.get_attribute("src"))

    assert await shown.evaluate("image => image.naturalHeight > image.naturalWidth") is sideways
    await expect(form.card("broken.jpg").locator("img")).to_be_hidden()
    await expect(form.card("broken.jpg").locator(".mf-icon-image")).to_be_visible()
    await form.card("wide.jpg").get_by_role("button", name="Remove").click()
    await expect(form.card("wide.jpg")).to_have_count(0)
    assert await form.page.evaluate(IS_GONE, source)
