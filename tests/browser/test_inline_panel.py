"""Nothing on a card overlaps anything else, however narrow the card and whatever pointer is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.support.browser.window import new_product, profile
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
FINGER = {"has_touch": True, "is_mobile": True}
PARTS = ".mf-card-badge, .mf-card-actions > button, .mf-card-grip, .mf-card-select"
COVERED = """
(cards, parts) => cards.flatMap((card) => {
  const seen = [...card.querySelectorAll(parts)].filter((part) => part.checkVisibility()).map((part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    const edge = part.matches(".mf-card-badge") ? 0 : parseFloat(getComputedStyle(part).borderLeftWidth);
    return { name: part.className, left: left + edge, right: right - edge, top: top + edge, bottom: bottom - edge };
  });
  return seen.flatMap((one, index) => seen.slice(index + 1)
    .filter((other) => one.left < other.right && other.left < one.right)
    .filter((other) => one.top < other.bottom && other.top < one.bottom)
    .map((other) => `${one.name} and ${other.name}`));
})
"""
"""Return which parts of cards overlap; touch areas beyond the visible part do not count."""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


async def covered(cards: Locator) -> list[str]:
    return list(await cards.evaluate_all(COVERED, PARTS))


@pytest.mark.parametrize(
    ("width", "options"), [(320, FINGER), (360, FINGER), (390, FINGER), (390, {}), (1050, {})], ids=str
)
async def test_the_parts_of_a_card_leave_each_other_room(
    server: Server, browser: Browser, photos: Photos, width: int, options: dict[str, Any]
):
    async with profile(browser, viewport={"width": width, "height": 800}, **options) as context:
        form = await new_product(context, server.url)
        await form.stored_files(*photos(1, 2))
        # As long as the word is in other languages.
        for badge in await form.page.locator(".mf-card-badge[data-first]").all():
            await badge.evaluate("badge => { badge.textContent = 'Hauptabbildung'; }")
        in_window = await covered(form.cards())
        await form.menu("2.jpg", "Select")
        await expect(form.window.get_by_role("checkbox", checked=True)).to_have_count(1)
        while_selecting = await covered(form.cards())
        await form.window.get_by_role("button", name="Clear").click()
        await form.close_window()
        await expect(form.inline.locator(".mf-card")).to_have_count(2)

        assert in_window == while_selecting == await covered(form.inline.locator(".mf-card")) == []
