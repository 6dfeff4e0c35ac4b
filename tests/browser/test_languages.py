"""The dialog and its page in German and in Arabic, in a real browser with the real catalogs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.catalogs.sources import DOMAINS, entries, forms, texts
from tests.support.browser.window import ProductForm
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
NAMES = {"de": "Deutsch", "ar": "العربية"}
EVERY_TEXT = """() => {
  const texts = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.add(walker.currentNode.data.trim().replaceAll(/\\s+/g, " "));
  for (const element of document.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) texts.add(element.getAttribute(name) ?? "");
  }
  return [...texts].filter(Boolean);
}"""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server for all of them."""
    return shared_server()


async def speak(form: ProductForm, language: str) -> None:
    """Choose a language in the page header, and open the dialog."""
    await form.page.locator("details.language summary").click()
    await form.page.get_by_role("button", name=NAMES[language]).click()
    await expect(form.page.locator("html")).to_have_attribute("lang", language)
    form.window = form.page.locator("dialog.mf-window")
    await form.page.locator("manage-files .mf-open").click()
    await expect(form.window).to_have_attribute("data-connection", "live")


def english(language: str) -> re.Pattern[str]:
    """Return every sentence of the sources that differs in `language`; a placeholder matches anything."""
    sentences = set()
    for domain in DOMAINS:
        for message in entries(domain.read(language)):
            sentences |= {text for text in texts(message) if text not in forms(message)}
    patterns = [re.sub(r"%\\\(\w+\\\)[sd]", ".+", re.escape(text)) for text in sorted(sentences)]
    return re.compile("|".join(pattern for pattern in patterns if re.search(r"[A-Za-z]{2}", pattern.replace(".+", ""))))


async def left_in_english(page: Page, language: str) -> list[str]:
    return [text for text in await page.evaluate(EVERY_TEXT) if english(language).fullmatch(text)]


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_u54_nothing_of_the_window_stays_in_english(
    form: ProductForm, photos: Photos, tmp_path: Path, language: str
):
    assert await left_in_english(form.page, language) != [], "the walk finds what there is in English"
    (tmp_path / "prices.pdf").write_text("no image")
    await speak(form, language)
    assert await left_in_english(form.page, language) == []

    await form.add([*photos(1, 2, 3), tmp_path / "prices.pdf"])
    await form.stored(3)
    assert await left_in_english(form.page, language) == []

    await form.card("1.jpg").locator(".mf-card-actions button").first.click()
    await expect(form.window.get_by_role("menu")).to_be_visible()
    assert await left_in_english(form.page, language) == []
    await form.page.keyboard.press("Escape")
    await form.card("3.jpg").focus()
    await form.page.keyboard.press("Delete")
    await form.stored(2)
    assert await left_in_english(form.page, language) == []


async def test_u54_plurals_numbers_and_sizes_are_those_of_the_language(form: ProductForm, photos: Photos):
    total = form.page.locator("dialog.mf-window .mf-total")
    await speak(form, "ar")
    await expect(form.window).to_contain_text(re.compile(r"20\s*\S*م\.ب"))
    await form.add(photos(1))
    await expect(total).to_contain_text("حُفظت صورة واحدة")
    await form.add(photos(2))
    await expect(total).to_contain_text("حُفظت صورتان")
    await form.add(photos(3))
    await expect(total).to_contain_text(re.compile("حُفظت .?3.? صور"))
    await form.page.keyboard.press("Escape")

    await speak(form, "de")
    await expect(total).to_contain_text("3 Bilder gespeichert")


async def test_u54_right_to_left_mirrors_the_order_and_the_arrow_keys(form: ProductForm, photos: Photos):
    await speak(form, "ar")
    await form.add(photos(1, 2, 3))
    await form.stored(3)
    places = [await form.card(f"{number}.jpg").bounding_box() for number in (1, 2, 3)]
    across = [box["x"] for box in places if box]
    assert across == sorted(across, reverse=True)

    await form.card("3.jpg").focus()
    await form.page.keyboard.press("Alt+ArrowRight")
    await form.expect_names("1.jpg", "3.jpg", "2.jpg")
    await form.page.keyboard.press("Alt+ArrowLeft")
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    name = form.card("1.jpg").locator(".mf-card-name")
    assert await name.evaluate("name => getComputedStyle(name).direction") == "ltr", "1.jpg, not jpg.1"
