"""Changes that the server refuses: shown with the reason, or repeated if another tab was merely faster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support.browser.window import ProductForm
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for
from uploads.core.errors import CATALOGUE, Code

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]
LOSE_RACES = """
window.races = 8;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  const message = typeof data === "string" ? JSON.parse(data) : {};
  if (message.type === "variants" && window.races > 0) {
    const rows = [{ temp_id: `other${window.races}`, label: `Other ${window.races}` }];
    window.races -= 1;
    send.call(this, JSON.stringify({ ...message, op: `race${window.races}`, rows }));
  }
  send.call(this, data);
};
"""
"""An init script: each time the page sends its variant rows, other rows were faster; eight times."""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server with a grace that outlasts an interrupted connection."""
    return shared_server(UPLOADS_GRACE_SECONDS="30")


async def test_a_change_that_is_refused_is_shown_with_its_reason(server: Server, line: Line, photos: Photos):
    form, proxy = line
    await form.close_window()
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1))
    other = ProductForm(await form.page.context.new_page(), server.url)
    await other.page.goto(form.page.url.replace(proxy.url, server.url))
    await other.stored(1, other.inline)
    await expect(other.page.locator("[data-variant-label]")).to_have_value("Red")
    proxy.cut(stay_closed=True)
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    await form.menu("1.jpg", "Red")
    await other.page.locator("[data-variant-remove]").click()
    variants = "SELECT variants FROM draft_uploads_draft WHERE id = ?"
    await asyncio.to_thread(wait_for, lambda: server.query(variants, form.draft.replace("-", "")) == [("[]",)])
    proxy.mend()
    problems = form.window.locator(".mf-problems")

    await expect(problems).to_contain_text("1 change was not made")
    await expect(problems.get_by_role("listitem")).to_have_text([f"“1.jpg”: {CATALOGUE[Code.UNKNOWN_VARIANT].message}"])
    await expect(form.window.get_by_role("status")).to_contain_text(CATALOGUE[Code.UNKNOWN_VARIANT].message)
    await problems.get_by_role("button", name="Dismiss").click()
    await expect(problems).to_be_hidden()


async def test_variant_rows_that_are_refused_are_told_once(form: ProductForm):
    add = "() => { for (let n = 0; n < 101; n += 1) document.querySelector('[data-variant-add]').click(); }"
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await form.page.evaluate(add)
    problems = form.inline.locator(".mf-problems")
    await expect(problems).to_contain_text("1 change was not made")
    await expect(form.inline.get_by_role("status")).to_contain_text(CATALOGUE[Code.TOO_MANY_VARIANTS].message)
    await form.page.locator("[data-variant-add]").click()

    # The announcement is removed after some seconds.
    await expect(form.inline.get_by_role("status")).to_have_text("")
    await expect(problems.get_by_role("listitem")).to_have_text([CATALOGUE[Code.TOO_MANY_VARIANTS].message])


async def test_variant_rows_that_lose_race_after_race_arrive_in_the_end(server: Server, form: ProductForm):
    await form.page.add_init_script(LOSE_RACES)
    await form.page.reload()
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").first.fill("Red")
    variants = "SELECT variants FROM draft_uploads_draft WHERE id = ?"
    draft = form.draft.replace("-", "")
    await asyncio.to_thread(wait_for, lambda: "Red" in str(server.query(variants, draft)), 20)

    assert await form.page.evaluate("window.races") == 0
