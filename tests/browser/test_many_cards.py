"""Two hundred images in one draft: the dialog opens at once, and a change of one card touches only that card."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, FilePayload, expect

from tests.support.browser.window import new_product
from tests.support.images.pictures import picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

MANY = 199
OPENED = """() => new Promise((resolve) => {
  const started = performance.now();
  document.querySelector(".mf-open").click();
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(
    [performance.now() - started, document.querySelectorAll("dialog .mf-card").length])));
})"""
FIRST = """(name) => new Promise((resolve) => {
  const dialog = document.querySelector("dialog");
  new MutationObserver((_, observer) => {
    if (dialog.querySelector(".mf-card-name").title !== name) return;
    observer.disconnect();
    resolve(Date.now());
  }).observe(dialog, { subtree: true, childList: true });
})"""
TOUCHED = """() => new Promise((resolve) => {
  const names = new Set(), steps = new Set();
  new MutationObserver((changes, observer) => {
    for (const { target, type } of changes) {
      const element = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
      if (element?.classList.contains("mf-grid")) names.add(`the list, ${type}`);
      const card = element?.closest(".mf-card");
      if (!card) continue;
      names.add(card.querySelector(".mf-card-name").title);
      steps.add(card.querySelector("progress").value);
    }
    if (steps.size < 4) return;
    observer.disconnect();
    resolve([...names]);
  }).observe(document.querySelector("dialog"),
    { subtree: true, childList: true, attributes: true, characterData: true });
})"""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


@pytest.mark.timed
@pytest.mark.timeout(240)
async def test_u55_two_hundred_cards_open_within_a_second_and_progress_touches_one(
    context: BrowserContext, server: Server, big: Path, capsys: pytest.CaptureFixture[str]
):
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        some = [
            FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=picture(width=64, height=48, seed=n))
            for n in range(MANY)
        ]
        await form.page.locator("manage-files input[type=file]").set_input_files(some)
        await expect(form.cards(form.inline, "stored")).to_have_count(MANY, timeout=150_000)
        opened_ms, shown = await form.page.evaluate(OPENED)
        other = await form.another_tab()
        await expect(other.cards()).to_have_count(MANY)
        await form.card(f"{MANY - 1}.jpg").evaluate("card => card.focus()")
        # Both tabs read one clock; polling from outside would be coarser than what is measured.
        seen_first = asyncio.create_task(other.page.evaluate(FIRST, f"{MANY - 1}.jpg"))
        await other.page.evaluate("0")
        moved = await form.page.evaluate("Date.now()")
        await form.page.keyboard.press("Alt+Home")
        seen_ms = await seen_first - moved
        proxy.bytes_per_second = 400_000
        proxy.hold_uploads()
        await form.add([big])
        await expect(form.card("big.jpg")).to_have_attribute("data-state", "uploading")
        touching = asyncio.create_task(form.page.evaluate(TOUCHED))
        await form.page.evaluate("0")
        proxy.release_uploads()
        touched = await touching

    with capsys.disabled():
        print(f"\n{MANY} cards: opened in {opened_ms:.0f} ms, a move shows in the other tab after {seen_ms:.0f} ms")
    assert shown == MANY
    assert opened_ms < 1000
    assert seen_ms < 1000
    assert touched == ["big.jpg"]
