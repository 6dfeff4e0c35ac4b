"""The Manage Files dialog: how it opens and closes, where the focus goes, and what is announced."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser.window import ProductForm, middle, new_product, profile, sign_in
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]
SPOKEN = """
window.spoken = [];
const region = "[role=status].mf-hidden-text, [role=alert].mf-hidden-text";
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const place = (target instanceof Element ? target : target.parentElement)?.closest(region);
    if (place?.textContent) spoken.push([place.closest("dialog") ? "inside" : "outside", place.textContent]);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""An init script that logs announcements, and whether each is inside the dialog."""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


async def test_u01_it_opens_from_its_button_and_has_the_focus_on_its_title(form: ProductForm):
    opener = form.page.get_by_role("button", name="Upload Product Images")
    await expect(opener).to_have_attribute("aria-haspopup", "dialog")
    await opener.focus()
    await form.page.keyboard.press("Enter")

    await expect(form.window).to_have_accessible_name("Manage files")
    await expect(form.window.get_by_role("heading", name="Manage files")).to_be_focused()
    assert await form.window.evaluate("(dialog) => dialog instanceof HTMLDialogElement && dialog.matches(':modal')")


async def test_u02_the_focus_stays_inside_and_the_page_behind_is_out_of_reach(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1))
    stops = []
    for key in ["Tab"] * 20 + ["Shift+Tab"] * 20:
        await form.page.keyboard.press(key)
        # Between its last and its first element the focus may pass through the browser's own controls.
        stops.append(await form.page.evaluate("() => document.activeElement.closest('dialog, body').localName"))
    assert stops.count("dialog") > 30
    assert not await form.page.evaluate("() => document.activeElement.matches('#product-form [name]')")
    behind = await form.page.locator("h1").bounding_box()
    assert behind is not None
    await form.page.mouse.click(behind["x"] + 4, behind["y"] + 4)
    await form.page.mouse.wheel(0, 600)

    await expect(form.window).to_be_visible()
    assert await form.page.evaluate("scrollY") == 0


@pytest.mark.parametrize("way", ["Escape", "Close"])
async def test_u03_closing_leaves_the_uploads_and_gives_the_focus_back(line: Line, big: Path, way: str):
    form, proxy = line
    proxy.hold_uploads()
    await form.add([big])
    await expect(form.cards(state="uploading")).to_have_count(1)
    if way == "Escape":
        await form.page.keyboard.press("Escape")
    else:
        await form.window.get_by_role("button", name="Close").click()
    await expect(form.window).to_be_hidden()
    opener = form.page.get_by_role("button", name="Upload Product Images")
    await expect(opener).to_contain_text("(1, 1 uploading)")
    await expect(opener).to_be_focused()
    proxy.release_uploads()

    await form.stored(1, form.inline)
    await expect(opener).to_contain_text("(1)")


async def test_u04_escape_takes_back_a_menu_or_a_drag_and_not_the_window(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    await form.card("1.jpg").get_by_role("button", name="More").click()
    await expect(form.window.get_by_role("menu")).to_be_visible()
    await form.page.keyboard.press("Escape")
    await expect(form.window.get_by_role("menu")).to_be_hidden()
    await expect(form.window).to_be_visible()
    start, end = await middle(form.card("1.jpg")), await middle(form.card("2.jpg"))
    await form.page.mouse.move(*start)
    await form.page.mouse.down()
    await form.page.mouse.move(end[0] + 60, end[1], steps=8)
    await form.page.keyboard.press("Escape")
    await form.page.mouse.up()

    await expect(form.window).to_be_visible()
    await form.expect_names("1.jpg", "2.jpg")
    await form.page.keyboard.press("Escape")
    await expect(form.window).to_be_hidden()


async def test_u05_a_click_beside_it_does_not_close_it(line: Line, big: Path):
    form, _ = line
    await form.add([big])
    await form.page.mouse.click(3, 3)

    await expect(form.window).to_be_visible()
    await form.stored(1)


async def test_u06_an_event_is_said_once_on_the_side_where_it_is_heard(
    server: Server, browser: Browser, photos: Photos
):
    async with profile(browser) as context:
        page = await sign_in(context, server.url)
        await page.add_init_script(SPOKEN)
        form = await ProductForm(page, server.url).create()
        await form.stored_files(*photos(1))
        await page.wait_for_function("() => spoken.some(([, words]) => words.includes('uploaded'))")
        inside = await page.evaluate("spoken")
        await form.close_window()
        await page.evaluate("spoken.length = 0")
        await form.add(photos(2))
        await form.stored(2, form.inline)
        await page.wait_for_function("() => spoken.some(([, words]) => words.includes('uploaded'))")
        outside = await page.evaluate("spoken")

    for side, said in (("inside", inside), ("outside", outside)):
        assert {place for place, _ in said} == {side}
        assert len(said) == len({words for _, words in said})


async def test_u07_an_empty_window_says_what_it_takes_as_the_server_has_it_set(
    make_server: Callable[..., Server], browser: Browser
):
    server = make_server(UPLOADS_LIMITS='{"max_files": 7, "max_file_bytes": 3000000}')
    async with profile(browser) as context:
        form = await new_product(context, server.url)
        await form.open_window()
        empty = form.window.locator(".mf-empty")

        await expect(empty).to_contain_text(re.compile(r"JPEG, PNG, WebP, AVIF, HEIC up to 3 MB each\."))
        await expect(empty).to_contain_text("The first becomes the primary image. Up to 7 images.")


@pytest.mark.parametrize("size", [(320, 560), (320, 256)], ids=["narrow", "at 400 %"])
async def test_u08_it_fits_320_pixels_and_only_its_list_scrolls(
    server: Server, browser: Browser, photos: Photos, size: tuple[int, int]
):
    width, height = size
    async with profile(browser, viewport={"width": width, "height": height}) as context:
        form = await new_product(context, server.url)
        await form.stored_files(*photos(*range(1, 7)))
        boxes = await form.window.evaluate(
            "(dialog) => [dialog, ...dialog.querySelectorAll('.mf-body, header, footer')]"
            ".map((part) => [part.className, part.scrollWidth - part.clientWidth])"
        )
        await form.card("6.jpg").scroll_into_view_if_needed()

        assert [name for name, over in boxes if over > 0] == []
        for part in ("header", "footer"):
            await expect(form.window.locator(part)).to_be_in_viewport(ratio=0.9)
        await expect(form.card("6.jpg")).to_be_in_viewport(ratio=0.1)
