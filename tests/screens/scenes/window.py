"""The dialog in use, and what is done in it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.screens.studio import SLOW, Studio


async def empty(studio: Studio) -> None:
    """The dialog without files."""
    await studio.fresh()
    await studio.shoot("window-empty")


async def uploading(studio: Studio) -> None:
    """Files in every state, a failed one, variants and another tab."""
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg")
    await form.close_window()
    await studio.page.locator("[data-variant-add]").click()
    await studio.page.locator("[data-variant-label]").fill("Red")
    await form.open_window()
    await form.add([studio.photos["red-front.jpg"], studio.photos["red-side.jpg"]])
    await form.stored(4)
    for name in ("red-front.jpg", "red-side.jpg"):
        await form.card(name).get_by_role("button", name="More").click()
        await form.window.get_by_role("menuitem", name="Red").click()
    await form.add([studio.photos["detail.jpg"]])
    await expect(form.card("detail.jpg")).to_have_attribute("data-state", "failed")
    studio.proxy.bytes_per_second = SLOW
    await form.add([studio.photos[name] for name in ("lamp.jpg", "vase.jpg", "set-terracotta.jpg")])
    await studio.halfway()
    await studio.shoot("window-uploading")


async def looking(studio: Studio) -> None:
    """The lightbox, and zoomed in."""
    form = await studio.fresh("mug-front.jpg", "lamp.jpg", "vase.jpg")
    await form.card("lamp.jpg").locator(".mf-card-picture").click()
    await studio.page.get_by_label("What the image shows").fill("A table lamp with a sand shade")
    picture = "document.querySelector('.mf-look-image')"
    await studio.page.wait_for_function(f"() => {picture}.complete && {picture}.naturalWidth > 0")
    await studio.shoot("look")
    await studio.page.get_by_role("button", name="Real size").click()
    await studio.shoot("look-real-size")


async def tray(studio: Studio) -> None:
    """A removed file, an open menu, and the form page with the same files."""
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg", "lamp.jpg", "vase.jpg")
    await form.card("mug-left.jpg").get_by_role("button", name="Remove").click()
    await expect(form.cards(state="removed")).to_have_count(1)
    await studio.shoot("window-removed")
    await form.card("lamp.jpg").get_by_role("button", name="More").click()
    await studio.shoot("window-menu")
    await studio.page.keyboard.press("Escape")
    await form.close_window()
    await studio.shoot("form", full=True)
    await studio.page.locator("[data-cancel]").click()
    await studio.page.get_by_role("button", name="Discard", exact=True).hover()
    await studio.shoot("question-discard")


async def selected(studio: Studio) -> None:
    """Two selected images, and the menu of where they can move."""
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg", "lamp.jpg", "vase.jpg")
    for name in ("mug-left.jpg", "vase.jpg"):
        await form.menu(name, "Select")
    await studio.shoot("window-selected")
    await form.window.get_by_role("button", name="Move to").click()
    await studio.shoot("window-selected-menu")


async def refused(studio: Studio) -> None:
    """Files that are refused before they are sent."""
    form = await studio.fresh("mug-front.jpg")
    wrong = studio.photos["lamp.jpg"].with_name("prices.pdf")
    wrong.write_bytes(b"%PDF-1.7")
    large = studio.photos["lamp.jpg"].with_name("huge.jpg")
    large.write_bytes(b"\xff\xd8" + b"\0" * 21_000_000)
    await form.add([wrong, large])
    await expect(form.window.get_by_text("huge.jpg").first).to_be_visible()
    await studio.shoot("window-refused")


async def right_to_left(studio: Studio) -> None:
    """The dialog and the form page in Arabic."""
    await studio.fresh("mug-front.jpg", "mug-left.jpg", "lamp.jpg")
    await studio.page.context.add_cookies([{"name": "django_language", "value": "ar", "url": studio.page.url}])
    await studio.page.reload()
    await studio.shoot("form-arabic", full=True)
    await studio.page.locator("manage-files .mf-open").click()
    await studio.form.stored(3, studio.page.locator("dialog.mf-window"))
    await studio.page.locator("dialog.mf-window [data-file-id] .mf-card-more").first.click()
    await studio.shoot("window-arabic")
    await studio.page.context.clear_cookies(name="django_language")


async def undo(studio: Studio) -> None:
    """What was just done, with its undo: on the page, in the dialog, and the question before removed files go."""
    form = await studio.fresh()
    await form.close_window()
    await studio.page.locator("[data-variant-add]").click()
    await studio.page.locator("[data-variant-label]").fill("Red")
    await form.open_window()
    await form.add([studio.photos[name] for name in ("mug-front.jpg", "mug-left.jpg", "lamp.jpg", "vase.jpg")])
    await form.stored(4)
    for name in ("mug-left.jpg", "lamp.jpg"):
        await form.menu(name, "Red")
    for name in ("vase.jpg", "mug-front.jpg"):
        await form.card(name).get_by_role("button", name="Remove").click()
    await form.window.get_by_role("button", name="Restore all").scroll_into_view_if_needed()
    await studio.shoot("undo-removal")
    await form.window.get_by_role("button", name="Empty").click()
    await studio.shoot("empty-question")
    await studio.page.keyboard.press("Escape")
    await form.close_window()
    await studio.page.locator("[data-variant-remove]").click()
    await expect(form.cards(form.inline)).to_have_count(2)
    await studio.shoot("undo-variant")
