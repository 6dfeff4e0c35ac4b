"""The lightbox: from a card and back to one, by mouse, keys and touch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.support.browser.window import ProductForm, new_product, profile
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

pytestmark = pytest.mark.timeout(120)
Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server for all of them: each views the images of its own draft."""
    return shared_server()


def look(form: ProductForm) -> Locator:
    return form.page.locator("dialog.mf-look")


async def shows(form: ProductForm, name: str, place: str) -> None:
    """Wait until the lightbox shows this image, fully loaded."""
    await expect(look(form).locator("h2")).to_have_text(name)
    await expect(look(form).locator(".mf-look-place")).to_have_text(place)
    await form.page.wait_for_function("() => document.querySelector('.mf-look-image').naturalWidth > 0")


async def focused(form: ProductForm, name: str) -> None:
    await expect(form.card(name)).to_be_focused()


async def test_a_click_on_a_picture_shows_it_large_and_the_focus_comes_back_to_the_last_one(
    form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1, 2, 3))
    await form.card("1.jpg").locator(".mf-card-picture").click()
    await shows(form, "1.jpg", "1 of 3")
    await expect(form.page.get_by_role("button", name="Previous image")).to_be_hidden()
    await form.page.get_by_role("button", name="Next image").click()
    await shows(form, "2.jpg", "2 of 3")
    await form.page.keyboard.press("End")
    await shows(form, "3.jpg", "3 of 3")
    await form.page.keyboard.press("ArrowLeft")
    await shows(form, "2.jpg", "2 of 3")
    await expect(look(form).locator("dl")).to_contain_text("240 pixels")
    await expect(look(form).locator("dl")).to_contain_text("JPEG")

    await form.page.keyboard.press("Escape")
    await expect(look(form)).to_have_count(0)
    await expect(form.window).to_be_visible()
    await focused(form, "2.jpg")


async def test_enter_on_a_card_and_the_menu_lead_there_too(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    await form.card("2.jpg").focus()
    await form.page.keyboard.press("Enter")
    await shows(form, "2.jpg", "2 of 2")
    await look(form).get_by_role("button", name="Close").click()
    await focused(form, "2.jpg")
    await form.menu("1.jpg", "Look closer")

    await shows(form, "1.jpg", "1 of 2")


async def test_an_image_on_its_way_is_shown_from_this_browser(line: tuple[ProductForm, Proxy], big: Path):
    form, proxy = line
    proxy.hold_uploads()
    await form.add([big])
    await expect(form.cards(state="uploading")).to_have_count(1)
    await form.card("big.jpg").locator(".mf-card-picture").click()

    await shows(form, "big.jpg", "1 of 1")
    assert (await look(form).locator("img").get_attribute("src") or "").startswith("blob:")


async def test_real_size_shows_each_pixel_and_arrows_scroll_then(form: ProductForm, big: Path, photos: Photos):
    await form.stored_files(big, *photos(1))
    await form.card("big.jpg").locator(".mf-card-picture").click()
    await shows(form, "big.jpg", "1 of 2")
    await form.page.get_by_role("button", name="Real size").click()
    image = look(form).locator("img")
    shown, natural = await image.evaluate("(image) => [image.getBoundingClientRect().width, image.naturalWidth]")
    assert shown == natural
    await form.page.keyboard.press("ArrowRight")
    await shows(form, "big.jpg", "1 of 2")
    await image.click()
    await form.page.keyboard.press("ArrowRight")

    await shows(form, "1.jpg", "2 of 2")


async def test_the_alternative_text_is_written_below_the_image_and_stands_on_the_product(
    form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1, 2))
    await form.menu("1.jpg", "Alternative text")
    field = form.page.get_by_label("What the image shows")
    await expect(field).to_be_focused()
    await form.page.keyboard.type("A blue mug")
    await form.page.get_by_role("button", name="Next image").click()
    await expect(field).to_have_value("")
    await field.fill("Its handle")
    await form.page.keyboard.press("Escape")
    await form.close_window()
    await form.fill(title="Mug", sku=uuid4().hex[:10], price="1")
    await form.save()
    await form.saved()

    for text in ("A blue mug", "Its handle"):
        await expect(form.page.locator(f"main img[alt='{text}']")).to_have_count(1)


async def test_an_image_that_another_tab_removes_gives_way_to_the_next(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    other = await form.another_tab()
    await form.card("1.jpg").locator(".mf-card-picture").click()
    await shows(form, "1.jpg", "1 of 2")
    await other.card("1.jpg").get_by_role("button", name="Remove").click()
    await shows(form, "2.jpg", "1 of 1")
    await other.card("2.jpg").get_by_role("button", name="Remove").click()

    await expect(look(form)).to_have_count(0)


async def test_in_a_mirrored_page_the_arrows_are_mirrored(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    await form.page.evaluate("() => (document.documentElement.dir = 'rtl')")
    await form.card("1.jpg").locator(".mf-card-picture").click()
    await shows(form, "1.jpg", "1 of 2")
    await form.page.keyboard.press("ArrowLeft")
    await shows(form, "2.jpg", "2 of 2")
    await form.page.keyboard.press("ArrowRight")

    await shows(form, "1.jpg", "1 of 2")


async def test_a_finger_swipes_to_the_next_image(browser: Browser, server: Server, photos: Photos):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    async with profile(browser, **phone) as context:
        form = await new_product(context, server.url)
        await form.stored_files(*photos(1, 2))
        await form.card("1.jpg").locator(".mf-card-picture").tap()
        await shows(form, "1.jpg", "1 of 2")
        session = await context.new_cdp_session(form.page)
        for kind, x in (("touchStart", 300), ("touchMove", 200), ("touchMove", 90), ("touchEnd", None)):
            points = [] if x is None else [{"x": x, "y": 400}]
            await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        await shows(form, "2.jpg", "2 of 2")


async def test_a_double_click_is_one_look(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    await form.card("1.jpg").locator(".mf-card-picture").dblclick()
    await shows(form, "1.jpg", "1 of 2")

    await form.page.keyboard.press("Escape")
    await expect(look(form)).to_have_count(0)
    await focused(form, "1.jpg")
    await form.page.keyboard.press("Delete")
    await expect(form.window.get_by_role("status")).to_contain_text("1.jpg")
