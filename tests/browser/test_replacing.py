"""Replacing one file with another: by drop, by menu, and when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from playwright.async_api import expect

from tests.support.browser.window import ProductForm, shown_images
from tests.support.images.pictures import picture
from tests.support.servers.proxy import Proxy

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]


SERVER = {"UPLOADS_GRACE_SECONDS": "30"}


async def replace_by_menu(form: ProductForm, name: str, by: Path) -> None:
    async with form.page.expect_file_chooser() as chooser:
        await form.menu(name, "Replace")
    dialog = await chooser.value
    assert not dialog.is_multiple()
    await dialog.set_files(by)


async def test_a_file_dropped_on_a_card_takes_its_place_and_its_words(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2, 3))
    await form.menu("2.jpg", "Alternative text")
    await form.page.get_by_label("What the image shows").fill("A blue mug")
    await form.page.keyboard.press("Escape")
    overlay = form.page.locator(".mf-overlay:visible")
    await form.hold(form.card("2.jpg"), photos(9))
    await expect(overlay).to_contain_text("Replace 2.jpg")
    await form.hold(form.card("2.jpg"), photos(8, 9))
    await expect(overlay).to_contain_text("Drop 2 images to add to the product images")
    await form.drop(form.card("2.jpg"), photos(9))

    await form.expect_names("1.jpg", "9.jpg", "3.jpg")
    await expect(form.card("2.jpg")).to_have_attribute("data-state", "removed")
    await form.menu("9.jpg", "Alternative text")
    await expect(form.page.get_by_label("What the image shows")).to_have_value("A blue mug")
    await form.page.keyboard.press("Escape")
    await form.card("2.jpg").get_by_role("button", name="Restore").click()
    await form.expect_names("1.jpg", "2.jpg", "9.jpg", "3.jpg")


async def test_replace_in_the_menu_does_the_same_by_clicks(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    await replace_by_menu(form, "1.jpg", photos(9)[0])

    await form.expect_names("9.jpg", "2.jpg")
    await expect(form.card("9.jpg").locator(".mf-card-badge")).to_have_text("Primary")
    await expect(form.card("1.jpg")).to_have_attribute("data-state", "removed")


async def test_the_old_image_stays_until_the_new_one_is_stored(line: Line, photos: Photos, big: Path):
    form, proxy = line
    await form.add(photos(1))
    await form.stored(1)
    proxy.hold_uploads()
    await replace_by_menu(form, "1.jpg", big)
    await expect(form.card("1.jpg")).to_contain_text("Replaced as soon as the new one is stored")
    await form.expect_names("1.jpg", "big.jpg")
    await form.card("big.jpg").get_by_role("button", name="Remove").click()

    await form.expect_names("1.jpg")
    await expect(form.card("1.jpg")).not_to_contain_text("Replaced")
    await expect(form.card("1.jpg")).to_have_attribute("data-state", "stored")


async def test_what_the_server_refuses_replaces_nothing(form: ProductForm, photos: Photos, tmp_path: Path):
    (tmp_path / "half.jpg").write_bytes(picture(seed=7)[:-500])
    await form.stored_files(*photos(1))
    await replace_by_menu(form, "1.jpg", tmp_path / "half.jpg")
    await expect(form.card("half.jpg")).to_have_attribute("data-state", "failed")

    await form.expect_names("1.jpg", "half.jpg")
    await expect(form.card("1.jpg")).to_have_attribute("data-state", "stored")
    await expect(form.card("1.jpg")).not_to_contain_text("Replaced")


async def test_a_save_right_behind_a_replacement_has_the_new_image_and_not_the_old(
    line: Line, photos: Photos, big: Path
):
    form, proxy = line
    await form.add(photos(1))
    await form.stored(1)
    await form.close_window()
    await form.fill(title="Mug", sku=uuid4().hex[:10], price="1")
    await form.open_window()
    proxy.hold_uploads()
    await replace_by_menu(form, "1.jpg", big)
    await form.close_window()
    await form.save()
    await form.page.get_by_role("button", name="Wait and save").click()
    proxy.release_uploads()
    await form.saved()

    assert len(await shown_images(form.page)) == 1
    await expect(form.page.locator("main img")).to_have_attribute("width", "1849")


async def test_a_folder_or_a_wrong_file_on_a_card_replaces_nothing(form: ProductForm, photos: Photos, tmp_path: Path):
    (tmp_path / "prices.pdf").write_bytes(b"%PDF")
    (tmp_path / "Mugs").mkdir()
    (tmp_path / "Mugs" / "a.jpg").write_bytes(picture(seed=8))
    await form.stored_files(*photos(1))
    await form.hold(form.card("1.jpg"), [tmp_path / "prices.pdf"])
    await expect(form.page.locator(".mf-overlay:visible")).not_to_contain_text("Replace")
    await form.drop(form.card("1.jpg"), [tmp_path / "Mugs"])

    await form.expect_names("1.jpg", "a.jpg")
    await form.stored(2)
