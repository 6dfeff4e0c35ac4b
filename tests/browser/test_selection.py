"""Several images selected in the dialog and moved or removed together: by mouse, touch, keys and clicks alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.support.browser.window import ProductForm, middle, new_product, profile
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server for all of them: each selects among the images of its own draft."""
    return shared_server()


def bar(form: ProductForm) -> Locator:
    return form.window.get_by_role("toolbar", name="Selected images")


async def chosen(form: ProductForm, *names: str) -> None:
    """Wait until exactly these cards are selected."""
    marked = form.window.locator(".mf-card[data-selected] .mf-card-name")
    await expect(marked).to_have_text(list(names))
    await expect(form.window.get_by_role("checkbox", checked=True)).to_have_count(len(names))
    if names:
        await expect(bar(form)).to_contain_text(f"{len(names)} selected")
    else:
        await expect(bar(form)).to_be_hidden()


async def heights(form: ProductForm) -> list[float]:
    boxes = [await card.bounding_box() for card in await form.cards().all()]
    return [round(box["height"], 1) for box in boxes if box]


async def test_the_mouse_chooses_cards_and_one_drag_moves_them_all(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3, 4, 5))
    before = await heights(form)
    await form.card("2.jpg").hover()
    await form.window.get_by_role("checkbox", name="Select 2.jpg").click()
    await chosen(form, "2.jpg")
    await form.card("4.jpg").click(modifiers=["Shift"], position={"x": 60, "y": 60})
    await chosen(form, "2.jpg", "3.jpg", "4.jpg")
    await form.card("3.jpg").click(modifiers=["ControlOrMeta"], position={"x": 60, "y": 60})
    await chosen(form, "2.jpg", "4.jpg")
    assert await heights(form) == before

    await form.drag(form.card("4.jpg"), before=form.card("1.jpg"))
    await form.expect_names("2.jpg", "4.jpg", "1.jpg", "3.jpg", "5.jpg")
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("2 images moved, now from 1 of 5"))
    await chosen(form, "2.jpg", "4.jpg")
    # A card that is not selected moves alone.
    await form.drag(form.card("5.jpg"), before=form.card("2.jpg"))
    await form.expect_names("5.jpg", "2.jpg", "4.jpg", "1.jpg", "3.jpg")
    await form.page.reload()
    await form.open_window()
    await form.expect_names("5.jpg", "2.jpg", "4.jpg", "1.jpg", "3.jpg")


async def test_clicks_alone_move_cards_to_a_variant_remove_and_restore_them(form: ProductForm, photos: Photos):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1, 2, 3, 4))
    red = form.window.get_by_role("list", name="Variant “Red”")
    await form.menu("3.jpg", "Select")
    await chosen(form, "3.jpg")
    await form.card("1.jpg").click(position={"x": 60, "y": 60})
    await chosen(form, "1.jpg", "3.jpg")
    await bar(form).get_by_role("button", name="Move to").click()
    await form.window.get_by_role("menuitem", name="Move to last").click()
    await form.expect_names("2.jpg", "4.jpg", "1.jpg", "3.jpg")
    await expect(bar(form).get_by_role("button", name="Move to")).to_be_focused()
    await bar(form).get_by_role("button", name="Move to").click()
    await form.window.get_by_role("menuitem", name="Move to Variant “Red”").click()
    await form.expect_names("1.jpg", "3.jpg", where=form.window.locator("[data-section]").filter(has_text="“Red”"))
    await expect(form.card("1.jpg")).to_be_focused()
    await expect(form.card("1.jpg", red)).to_contain_text("Cover")
    await chosen(form)

    for name in ("2.jpg", "1.jpg"):
        await form.menu(name, "Select")
    await chosen(form, "2.jpg", "1.jpg")
    await bar(form).get_by_role("button", name="Remove").click()
    await expect(form.cards(state="removed")).to_have_count(2)
    await expect(form.card("3.jpg")).to_be_focused()
    await chosen(form)
    for name in ("1.jpg", "2.jpg"):
        await form.window.get_by_role("button", name=f"Restore {name}").click()
    await form.expect_names("2.jpg", "4.jpg", "1.jpg", "3.jpg")


async def test_keys_choose_cards_move_and_remove_them(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3, 4))
    keys = form.page.keyboard
    await form.card("3.jpg").focus()
    await keys.press("Space")
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("1 image selected"))
    await keys.press("ArrowRight")
    await keys.press("Shift+Space")
    await chosen(form, "3.jpg", "4.jpg")
    await keys.press("Alt+Home")
    await form.expect_names("3.jpg", "4.jpg", "1.jpg", "2.jpg")
    await expect(form.card("4.jpg")).to_be_focused()
    await keys.press("Alt+ArrowRight")
    await form.expect_names("1.jpg", "3.jpg", "4.jpg", "2.jpg")
    await keys.press("ControlOrMeta+a")
    await chosen(form, "1.jpg", "3.jpg", "4.jpg", "2.jpg")
    await form.card("1.jpg").focus()
    await keys.press("Space")
    await chosen(form, "3.jpg", "4.jpg", "2.jpg")
    await form.card("3.jpg").focus()
    await keys.press("Delete")
    await expect(form.cards(state="removed")).to_have_count(3)
    await expect(form.card("1.jpg")).to_be_focused()


async def test_u04_escape_ends_menu_drag_and_choice_before_the_window(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3, 4))
    keys = form.page.keyboard
    await form.card("3.jpg").focus()
    await keys.press("Space")
    await form.card("4.jpg").focus()
    await keys.press("Space")
    await chosen(form, "3.jpg", "4.jpg")
    await form.card("4.jpg").get_by_role("button", name="More").press("Enter")
    await expect(form.window.get_by_role("menu")).to_be_visible()
    await keys.press("Escape")
    await expect(form.window.get_by_role("menu")).to_be_hidden()
    await chosen(form, "3.jpg", "4.jpg")
    await form.page.mouse.move(*await middle(form.card("1.jpg")))
    await form.page.mouse.down()
    await form.page.mouse.move(600, 500, steps=3)
    await keys.press("Escape")
    await form.page.mouse.up()
    await chosen(form, "3.jpg", "4.jpg")
    await keys.press("Escape")
    await chosen(form)
    await expect(form.window).to_be_visible()
    await keys.press("Escape")
    await expect(form.window).to_be_hidden()


async def test_a_long_press_chooses_a_card_and_taps_choose_more(browser: Browser, server: Server, photos: Photos):
    async with profile(browser, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}) as context:
        form = await new_product(context, server.url)
        await form.stored_files(*photos(1, 2, 3))
        await form.press(form.card("1.jpg"))
        await chosen(form, "1.jpg")
        await form.card("3.jpg").tap(position={"x": 60, "y": 60})
        await chosen(form, "1.jpg", "3.jpg")
        await bar(form).get_by_role("button", name="Remove").tap()
        await expect(form.cards(state="removed")).to_have_count(2)
        await form.expect_names("2.jpg")


async def test_what_another_tab_removed_is_selected_no_longer(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.page.keyboard.press("ControlOrMeta+a")
    await chosen(form, "1.jpg", "2.jpg", "3.jpg")
    other = await form.another_tab()
    await other.card("2.jpg").get_by_role("button", name="Remove").click()
    await chosen(form, "1.jpg", "3.jpg")
