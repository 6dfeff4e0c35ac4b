"""Undo: the last move, sort or removal of this tab, by its toast or by Ctrl+Z; and restoring all removed files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.support.browser.window import ProductForm
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


def tray(form: ProductForm) -> Locator:
    return form.window.locator("[data-section=removed]")


def toast(form: ProductForm) -> Locator:
    return form.page.locator(".mf-toast:visible")


async def undo(form: ProductForm) -> None:
    await toast(form).get_by_role("button", name="Undo").click()


async def sort(form: ProductForm) -> None:
    await form.window.get_by_role("button", name="Sort Product images").click()
    await form.window.get_by_role("menuitem", name="Sort by name").click()


async def test_u79_the_toast_undoes_a_move_a_sort_and_a_removal(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(3, 1, 2))
    other = await form.another_tab()

    await form.menu("2.jpg", "Move to first")
    await form.expect_names("2.jpg", "3.jpg", "1.jpg")
    await expect(toast(form)).to_contain_text("2.jpg moved.")
    await undo(form)
    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await expect(toast(form)).to_have_count(0)
    await expect(form.card("2.jpg")).to_be_focused()
    await expect(form.window.get_by_role("status")).to_contain_text("Move undone.")

    await sort(form)
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    await undo(form)
    await form.expect_names("3.jpg", "1.jpg", "2.jpg")

    await form.card("3.jpg").get_by_role("button", name="Remove").click()
    await form.expect_names("1.jpg", "2.jpg")
    await expect(toast(form)).to_contain_text("3.jpg removed.")
    await undo(form)
    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await other.expect_names("3.jpg", "1.jpg", "2.jpg")
    await expect(toast(other)).to_have_count(0)


async def test_u79_ctrl_z_undoes_step_by_step_but_not_in_a_text_field(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3, 4))
    await form.menu("4.jpg", "Move to first")
    await form.card("1.jpg").locator(".mf-card-select").click()
    await form.card("2.jpg").locator(".mf-card-select").click()
    await form.window.get_by_role("toolbar").get_by_role("button", name="Remove").click()
    await form.expect_names("4.jpg", "3.jpg")
    await form.close_window()

    title = form.page.locator("[name=title]")
    await title.fill("Mug")
    await title.press_sequentially("s")
    await form.page.keyboard.press("Control+z")
    await expect(title).not_to_have_value("Mugs")
    await form.expect_names("4.jpg", "3.jpg", where=form.inline)

    await form.page.get_by_role("button", name="Add variant").focus()
    await form.page.keyboard.press("Control+z")
    await form.expect_names("4.jpg", "1.jpg", "2.jpg", "3.jpg", where=form.inline)
    await form.page.keyboard.press("Control+z")
    await form.expect_names("1.jpg", "2.jpg", "3.jpg", "4.jpg", where=form.inline)
    await form.page.keyboard.press("Control+z")
    await form.expect_names("1.jpg", "2.jpg", "3.jpg", "4.jpg", where=form.inline)


async def test_u79_what_another_tab_has_moved_on_is_not_undone(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    other = await form.another_tab()
    await form.menu("3.jpg", "Move to first")
    await other.expect_names("3.jpg", "1.jpg", "2.jpg")
    await other.menu("3.jpg", "Move later")
    await form.expect_names("1.jpg", "3.jpg", "2.jpg")
    await expect(toast(form)).to_have_count(0)
    await form.card("1.jpg").focus()
    await form.page.keyboard.press("Control+z")
    await form.menu("2.jpg", "Move to first")

    await form.expect_names("2.jpg", "1.jpg", "3.jpg")


async def test_u80_removing_a_variant_shows_where_its_images_went_and_undo_brings_it_back(
    form: ProductForm, photos: Photos
):
    for label in ("Red", "Blue"):
        await form.page.locator("[data-variant-add]").click()
        await form.page.locator("[data-variant-label]").last.fill(label)
    await form.stored_files(*photos(1, 2, 3))
    await form.menu("1.jpg", "Red")
    await form.menu("2.jpg", "Red")
    red = form.inline.locator("[data-section]").filter(has_text="“Red”")
    await form.expect_names("1.jpg", "2.jpg", where=red)
    await form.close_window()
    other = await form.another_tab()

    await form.page.locator("[data-variant-row]").first.locator("[data-variant-remove]").click()
    await form.expect_names("3.jpg", "1.jpg", "2.jpg", where=form.inline)
    await expect(toast(form)).to_contain_text("Variant “Red” removed. 2 images moved to the product images.")
    await other.expect_names("3.jpg", "1.jpg", "2.jpg")
    await undo(form)

    await form.expect_names("1.jpg", "2.jpg", where=red)
    labels = form.page.locator("[data-variant-label]")
    await expect(labels).to_have_count(2)
    assert [await labels.nth(n).input_value() for n in range(2)] == ["Red", "Blue"]
    await other.expect_names("3.jpg", "1.jpg", "2.jpg")
    await other.expect_names("1.jpg", "2.jpg", where=other.window.locator("[data-section]").filter(has_text="“Red”"))


async def test_u81_the_tray_is_restored_as_a_whole_or_emptied_after_a_question(
    server: Server, form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1, 2, 3, 4))
    for name in ("1.jpg", "3.jpg"):
        await form.card(name).get_by_role("button", name="Remove").click()
    await tray(form).get_by_role("button", name="Restore all").click()
    await form.expect_names("1.jpg", "2.jpg", "3.jpg", "4.jpg")
    await expect(tray(form)).to_have_count(0)

    gone = [str(await form.card(name).get_attribute("data-file-id")) for name in ("1.jpg", "3.jpg")]
    for name in ("1.jpg", "3.jpg"):
        await form.card(name).get_by_role("button", name="Remove").click()
    await tray(form).get_by_role("button", name="Empty").click()
    question = form.page.get_by_role("dialog", name="Permanently delete 2 removed images?")
    await question.get_by_role("button", name="Cancel").click()
    await expect(form.cards(tray(form))).to_have_count(2)
    await tray(form).get_by_role("button", name="Empty").click()
    await question.get_by_role("button", name="Delete permanently").click()

    await expect(tray(form)).to_have_count(0)
    await form.expect_names("2.jpg", "4.jpg")
    await expect(toast(form)).to_have_count(0)

    def left() -> list[Path]:
        return [path for path in server.temp_objects() if any(file in path.name for file in gone)]

    await asyncio.to_thread(wait_for, lambda: left() == [])
