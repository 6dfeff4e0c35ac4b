"""Every way to put images into order: mouse, touch, keys and menu, in the dialog and on the form page."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser.window import ProductForm, corner, middle, new_product, profile
from tests.support.images.pictures import picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server for all of them: each orders the images of its own draft."""
    return shared_server()


async def test_the_mouse_moves_a_card(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.drag(form.card("3.jpg"), before=form.card("1.jpg"))

    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await expect(form.card("3.jpg")).to_contain_text("Primary")
    await expect(form.window.get_by_text("Primary", exact=True)).to_have_count(1)


async def test_a_finger_moves_a_card_by_its_handle(browser: Browser, server: Server, photos: Photos):
    async with profile(browser, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}) as context:
        form = await new_product(context, server.url)
        await form.stored_files(*photos(1, 2, 3))
        await form.drag_by_finger(form.card("3.jpg"), before=form.card("1.jpg"))

        await form.expect_names("3.jpg", "1.jpg", "2.jpg")


async def test_u28_keys_move_a_card_and_the_focus_stays_on_it(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.card("3.jpg").focus()
    await form.page.keyboard.press("Alt+ArrowLeft")
    await form.expect_names("1.jpg", "3.jpg", "2.jpg")
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("3.jpg moved from 3 to 2 of 3"))
    await form.page.keyboard.press("Alt+Home")

    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await expect(form.card("3.jpg")).to_be_focused()
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("moved from 2 to 1 of 3, now primary"))


async def test_u27_the_menu_moves_a_card_by_clicks_alone(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.menu("1.jpg", "Move to last")
    await form.expect_names("2.jpg", "3.jpg", "1.jpg")
    await form.menu("3.jpg", "Move earlier")

    await form.expect_names("3.jpg", "2.jpg", "1.jpg")
    await expect(form.card("3.jpg").get_by_role("button", name="More")).to_be_focused()


async def test_u29_there_is_one_primary_image_and_it_is_the_first(form: ProductForm, photos: Photos):
    await form.open_window()
    primary = form.window.locator(".mf-card-badge", has_text="Primary")
    await form.add(photos(1, 2, 3))
    await expect(form.card("1.jpg")).to_contain_text("Primary")
    await form.stored(3)
    for move, first in (("3.jpg", "3.jpg"), ("2.jpg", "2.jpg")):
        await form.menu(move, "Move to first")
        await expect(form.card(first)).to_contain_text("Primary")
        await expect(primary).to_have_count(1)
    await form.card("2.jpg").get_by_role("button", name="Remove").click()
    await expect(form.card("3.jpg")).to_contain_text("Primary")
    await expect(primary).to_have_count(1)
    await form.card("2.jpg").get_by_role("button", name="Restore").click()

    await expect(form.card("2.jpg")).to_contain_text("Primary")
    await expect(primary).to_have_count(1)


async def test_u30_the_order_can_be_changed_while_files_are_on_their_way_or_failed(
    line: tuple[ProductForm, Proxy], photos: Photos, big: Path
):
    form, proxy = line
    await form.add(photos(1))
    await form.add_named("half.jpg", picture()[:-500])
    await form.stored(1)
    await expect(form.card("half.jpg")).to_have_attribute("data-state", "failed")
    proxy.hold_uploads()
    await form.add([big])
    await expect(form.card("big.jpg")).to_have_attribute("data-state", "uploading")
    await form.menu("big.jpg", "Move to first")
    await form.menu("1.jpg", "Move to last")
    await form.expect_names("big.jpg", "half.jpg", "1.jpg")
    proxy.release_uploads()
    await form.stored(2)
    await form.page.reload()
    await form.open_window()

    await form.expect_names("big.jpg", "half.jpg", "1.jpg")


async def test_the_form_page_shows_the_order_of_the_window_and_can_change_it(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.menu("3.jpg", "Move to first")
    await form.expect_names("3.jpg", "1.jpg", "2.jpg", where=form.inline)
    await form.close_window()
    await form.drag(form.card("2.jpg", form.inline), before=form.card("3.jpg", form.inline))
    await form.expect_names("2.jpg", "3.jpg", "1.jpg", where=form.inline)
    await form.open_window()

    await form.expect_names("2.jpg", "3.jpg", "1.jpg")


async def test_a_card_is_dragged_to_a_variant_and_back(form: ProductForm, photos: Photos):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1, 2))
    main, red = (form.window.get_by_role("list", name=name) for name in ("Product images", "Variant “Red”"))
    await form.drag(form.card("2.jpg"), before=form.window.get_by_text("the first is the cover of “Red”"))
    await expect(form.cards(red)).to_have_count(1)
    await expect(form.card("2.jpg", red)).to_contain_text("Cover")
    await form.drag(form.card("2.jpg"), before=form.card("1.jpg"))

    await expect(form.cards(main).locator(".mf-card-name")).to_have_text(["2.jpg", "1.jpg"])
    await expect(form.cards(red)).to_have_count(0)


@pytest.mark.timed
async def test_u31_two_tabs_that_reorder_at_once_show_one_order_and_the_loser_is_told(
    form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1, 2, 3))
    other = await form.another_tab()
    await other.expect_names("1.jpg", "2.jpg", "3.jpg")
    await asyncio.gather(press_alt_home(form, "3.jpg"), press_alt_home(other, "2.jpg"))
    moved = time.monotonic()
    while (order := await form.names()) != await other.names() or order[2] != "1.jpg":
        assert time.monotonic() - moved < 5, (order, await other.names())
    took = time.monotonic() - moved
    loser = other if order[0] == "3.jpg" else form
    await expect(loser.window.locator(".mf-live")).to_have_text("Order changed in another tab.")
    await expect(loser.window.get_by_role("status")).to_contain_text("Order changed in another tab.")

    assert took < 1, took


async def press_alt_home(form: ProductForm, name: str) -> None:
    await form.card(name).evaluate("card => card.focus()")
    await form.page.keyboard.press("Alt+Home")


async def test_u28_in_right_to_left_text_the_arrows_follow_the_eye(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.page.evaluate("document.documentElement.dir = 'rtl'")
    await form.card("1.jpg").focus()
    await form.page.keyboard.press("Alt+ArrowLeft")
    await form.expect_names("2.jpg", "1.jpg", "3.jpg")
    await form.page.keyboard.press("Alt+ArrowRight")
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    await form.page.keyboard.press("Alt+End")
    await form.expect_names("2.jpg", "3.jpg", "1.jpg")


async def test_u26_a_drag_near_the_edge_scrolls_and_a_line_shows_the_place(form: ProductForm, photos: Photos):
    await form.page.set_viewport_size({"width": 700, "height": 520})
    await form.stored_files(*photos(*range(1, 9)))
    await form.card("8.jpg").scroll_into_view_if_needed()
    source, body = await middle(form.card("8.jpg")), await form.window.locator(".mf-body").bounding_box()
    assert body is not None
    mouse, line = form.page.mouse, form.window.locator(".mf-drop-line")
    await mouse.move(*source)
    await mouse.down()
    await mouse.move(source[0] - 20, source[1], steps=3)
    await mouse.move(body["x"] + 30, body["y"] + 8)
    await expect(form.card("1.jpg")).to_be_in_viewport(ratio=0.9)
    await mouse.move(*await corner(form.card("1.jpg")))
    await expect(line).to_be_visible()
    await mouse.up()
    await expect(line).to_be_hidden()
    await expect(form.cards().first.locator(".mf-card-name")).to_have_text("8.jpg")


PEN = """([from, to]) => {
  const say = (kind, [x, y]) => document.elementFromPoint(x, y).dispatchEvent(new PointerEvent(kind, {
    bubbles: true, pointerId: 7, pointerType: "pen", isPrimary: true, button: 0, buttons: 1, clientX: x, clientY: y }));
  say("pointerdown", from);
  say("pointermove", [from[0] - 20, from[1]]);
  say("pointermove", to);
  say("pointerup", to);
}"""
"""The events of a browser for a pen that drags something."""


async def test_u26_a_pen_moves_a_card_at_once_as_a_mouse_does(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.page.evaluate(PEN, [await middle(form.card("3.jpg")), await corner(form.card("1.jpg"))])
    await form.expect_names("3.jpg", "1.jpg", "2.jpg")


async def test_u32_files_of_the_desk_and_a_card_go_into_an_empty_variant_and_stand_in_one_list(
    form: ProductForm, photos: Photos
):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1, 2))
    section = form.window.locator("[data-section]").filter(has_text="“Red”")
    await form.drop(section.get_by_text("the first is the cover of “Red”"), photos(3))
    await form.expect_names("3.jpg", where=section)
    await expect(form.card("3.jpg")).to_contain_text("Cover")
    await form.menu("1.jpg", "Move to Variant “Red”")
    await form.expect_names("3.jpg", "1.jpg", where=section)
    await expect(form.card("1.jpg")).to_have_count(1)
    await expect(form.card("2.jpg")).to_contain_text("Primary")
