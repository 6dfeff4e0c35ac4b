"""Removing: at once and in every tab, to a list of removed files from which it can be restored until the draft ends."""

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
    return shared_server(UPLOADS_GRACE_SECONDS="3")


def tray(form: ProductForm) -> Locator:
    return form.window.locator("[data-section=removed]")


async def remove(form: ProductForm, name: str) -> None:
    await form.card(name).get_by_role("button", name="Remove").click()


async def test_u33_a_removed_file_goes_at_once_and_the_focus_to_its_neighbour(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.card("2.jpg").focus()
    await form.page.keyboard.press("Delete")
    await form.expect_names("1.jpg", "3.jpg")
    await expect(form.card("3.jpg")).to_be_focused()
    await form.page.keyboard.press("Delete")
    await expect(form.card("1.jpg")).to_be_focused()
    await form.page.keyboard.press("Delete")

    await form.expect_names()
    await expect(form.window.get_by_role("button", name="Add images").and_(form.page.locator(":focus"))).to_be_visible()
    await expect(form.card("1.jpg", tray(form))).to_be_visible()


async def test_u33_a_restored_file_has_its_place_and_its_variant_again(form: ProductForm, photos: Photos):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1, 2, 3, 4))
    await form.menu("4.jpg", "Red")
    red = form.window.locator("[data-section]").filter(has_text="“Red”")
    await form.expect_names("4.jpg", where=red)
    for name in ("2.jpg", "4.jpg"):
        await remove(form, name)
    await form.expect_names("1.jpg", "3.jpg")
    for name in ("2.jpg", "4.jpg"):
        await form.card(name, tray(form)).get_by_role("button", name="Restore").click()

    await form.expect_names("1.jpg", "2.jpg", "3.jpg", "4.jpg")
    await form.expect_names("4.jpg", where=red)
    await expect(form.cards(state="removed")).to_have_count(0)


async def test_u34_the_tray_lasts_until_the_save_and_then_its_bytes_go(
    server: Server, form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1, 2))
    await remove(form, "1.jpg")
    await expect(form.card("1.jpg", tray(form))).to_be_visible()
    await form.page.reload()
    await form.open_window()
    await expect(form.card("1.jpg", tray(form))).to_be_visible()
    await form.close_window()
    await form.fill(title="Mug", sku="TRAY-1", price="1")
    await form.save()
    await form.saved()

    await expect(form.page.locator("main img")).to_have_count(1)
    await asyncio.to_thread(wait_for, lambda: server.temp_objects() == [])


async def test_u34_delete_for_good_takes_the_bytes_now(server: Server, form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    file = str(await form.card("1.jpg").get_attribute("data-file-id"))
    await remove(form, "1.jpg")
    assert [path for path in server.temp_objects() if file in path.name] != []
    await form.card("1.jpg").get_by_role("button", name="for good").click()

    await expect(form.cards()).to_have_count(1)
    await asyncio.to_thread(wait_for, lambda: [path for path in server.temp_objects() if file in path.name] == [])


async def test_u35_a_file_removed_in_one_tab_waits_in_the_tray_of_both_and_comes_back_from_either(
    form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1, 2, 3))
    other = await form.another_tab()
    await remove(form, "2.jpg")
    await other.expect_names("1.jpg", "3.jpg")
    for tab in (form, other):
        await expect(tab.card("2.jpg", tray(tab))).to_be_visible()
    await other.card("2.jpg").get_by_role("button", name="Restore").click()

    for tab in (form, other):
        await tab.expect_names("1.jpg", "2.jpg", "3.jpg")
        await expect(tab.cards(state="removed")).to_have_count(0)
