"""Every way to put images into order: mouse, finger, keys and menu, in the window and on the form page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.server import Server
from tests.support.window import ProductForm, profile, sign_in

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One for all of them: each orders the images of a draft of its own."""
    return shared_server()


async def test_the_mouse_moves_a_card(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.drag(form.card("3.jpg"), before=form.card("1.jpg"))

    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await expect(form.card("3.jpg")).to_contain_text("Primary")
    await expect(form.window.get_by_text("Primary", exact=True)).to_have_count(1)


async def test_a_finger_moves_a_card_by_its_handle(browser: Browser, server: Server, photos: Photos):
    async with profile(browser, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}) as context:
        form = await ProductForm(await sign_in(context, server.url), server.url).create()
        await form.stored_files(*photos(1, 2, 3))
        await form.drag_by_finger(form.card("3.jpg"), before=form.card("1.jpg"))

        await form.expect_names("3.jpg", "1.jpg", "2.jpg")


async def test_keys_move_a_card_and_the_focus_stays_on_it(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.card("3.jpg").focus()
    await form.page.keyboard.press("Alt+ArrowLeft")
    await form.expect_names("1.jpg", "3.jpg", "2.jpg")
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("3.jpg moved from 3 to 2 of 3"))
    await form.page.keyboard.press("Alt+Home")

    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await expect(form.card("3.jpg")).to_be_focused()
    await expect(form.window.get_by_role("status")).to_have_text(re.compile("moved from 2 to 1 of 3, now primary"))


async def test_the_menu_moves_a_card_by_clicks_alone(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.menu("1.jpg", "Move to last")
    await form.expect_names("2.jpg", "3.jpg", "1.jpg")
    await form.menu("3.jpg", "Move earlier")

    await form.expect_names("3.jpg", "2.jpg", "1.jpg")
    await expect(form.card("3.jpg").get_by_role("button", name="More")).to_be_focused()


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
