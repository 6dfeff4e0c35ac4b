"""The whole task, from an empty form to the product's page, four times: each with one kind of input only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.browser.window import ProductForm, profile, sign_in
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
FIELDS = {"title": "Enamel mug", "price": "9.90"}
OWN, OF_RED = ["4.jpg", "1.jpg", "3.jpg"], ["2.jpg"]
"""The result of every run: the last of four images moved to the front, the second assigned to the variant."""
WATCH_HANDS = """
const use = (what) => { sessionStorage.used = [sessionStorage.used ?? "", what].join(" "); };
addEventListener("pointerdown", ({ pointerType }) => use(pointerType), true);
addEventListener("pointermove", ({ buttons }) => { if (buttons) use("drag"); }, true);
addEventListener("dragover", () => use("drag"), true);
addEventListener("keydown", () => use("key"), true);
"""
"""An init script that records which input devices are used, over all pages of the tab."""


SERVER: dict[str, str] = {}
"""One server for all of them: each creates its own product."""


async def test_the_whole_job_by_mouse(context: BrowserContext, server: Server, photos: Photos):
    form = await begin(context, server)
    await form.page.get_by_role("button", name="Add variant").click()
    await form.page.get_by_label("Name of the variant").fill("Red")
    await form.open_window()
    await form.drop(form.window, photos(1, 2, 3, 4))
    await form.stored(4)
    await form.drag(form.card("4.jpg"), before=form.card("1.jpg"))
    await form.expect_names("4.jpg", "1.jpg", "2.jpg", "3.jpg")
    await form.drag(form.card("2.jpg"), before=place_of_red(form))
    await expect_ordered(form)
    await remove_and_restore(form, Locator.click)
    await form.close_window()
    await form.fill(**FIELDS, sku="BY-MOUSE")
    await form.save()

    await expect_product(form, server)
    assert await used(form.page) == {"mouse", "drag"}


async def test_the_whole_job_by_touch(browser: Browser, server: Server, photos: Photos):
    async with profile(browser, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}) as phone:
        form = await begin(phone, server)
        await form.page.get_by_role("button", name="Add variant").tap()
        await form.page.get_by_label("Name of the variant").fill("Red")
        await opener(form).tap()
        await choose(form, button(form, "Add images", exact=True).last.tap, photos(1, 2, 3, 4))
        await form.drag_by_finger(form.card("4.jpg"), before=form.card("1.jpg"))
        await form.expect_names("4.jpg", "1.jpg", "2.jpg", "3.jpg")
        await form.drag_by_finger(form.card("2.jpg"), before=place_of_red(form), past_the_edge=True)
        await expect_ordered(form)
        await remove_and_restore(form, Locator.tap)
        await button(form, "Back to product").tap()
        for name, text in {**FIELDS, "sku": "BY-TOUCH"}.items():
            await field(form, name).tap()
            await form.page.keyboard.insert_text(text)
        await save_button(form).tap()

        await expect_product(form, server)
        assert await used(form.page) == {"touch", "drag"}


async def test_the_whole_job_by_keyboard(context: BrowserContext, server: Server, photos: Photos):
    form = await begin(context, server)
    keys = form.page.keyboard
    await press_on(form.page.get_by_role("button", name="Add variant"), "Enter")
    await expect(form.page.get_by_label("Name of the variant")).to_be_focused()
    await keys.type("Red")
    await press_on(opener(form), "Enter")
    await expect(form.window).to_have_attribute("data-connection", "live")
    await tab_to(button(form, "Add images", exact=True).first)
    await choose(form, lambda: keys.press("Enter"), photos(1, 2, 3, 4))
    await put_into_order_by_keys(form)
    await press_on(form.card("1.jpg"), "Delete")
    await form.expect_names("4.jpg", "3.jpg", "2.jpg")
    await press_on(button(form, "Restore 1.jpg"), "Space")
    await expect_ordered(form)
    await press_on(button(form, "Back to product"), "Enter")
    await expect(opener(form)).to_be_focused()
    for name, text in {**FIELDS, "sku": "BY-KEYS"}.items():
        await tab_to(field(form, name))
        await keys.type(text)
    await press_on(save_button(form), "Enter")

    await expect_product(form, server)
    assert await used(form.page) == {"key"}


async def put_into_order_by_keys(form: ProductForm) -> None:
    await press_on(form.card("4.jpg"), "Alt+Home")
    await form.expect_names("4.jpg", "1.jpg", "2.jpg", "3.jpg")
    await form.page.keyboard.press("ArrowRight")
    await expect(form.card("1.jpg")).to_be_focused()
    await form.page.keyboard.press("Alt+ArrowRight")
    await form.expect_names("4.jpg", "2.jpg", "1.jpg", "3.jpg")
    await form.page.keyboard.press("ArrowLeft")
    await expect(form.card("2.jpg")).to_be_focused()
    await press_on(form.card("2.jpg").get_by_role("button", name="More"), "Enter")
    await press_on(form.window.get_by_role("menuitem", name="Move to Variant “Red”"), "Enter", way="ArrowDown")
    await expect_ordered(form)


async def test_the_whole_job_by_single_clicks(context: BrowserContext, server: Server, photos: Photos):
    form = await begin(context, server)
    await form.page.get_by_role("button", name="Add variant").click()
    await form.page.get_by_label("Name of the variant").fill("Red")
    await form.open_window()
    await choose(form, button(form, "Add images", exact=True).first.click, photos(1, 2, 3, 4))
    await form.menu("4.jpg", "Move to first")
    await form.expect_names("4.jpg", "1.jpg", "2.jpg", "3.jpg")
    await form.menu("2.jpg", "Move to Variant “Red”")
    await expect_ordered(form)
    await remove_and_restore(form, Locator.click)
    await form.close_window()
    for name, text in {**FIELDS, "sku": "BY-CLICKS"}.items():
        await field(form, name).click()
        await form.page.keyboard.insert_text(text)
    await form.save()

    await expect_product(form, server)
    assert await used(form.page) == {"mouse"}


# --- Recording of input devices


async def begin(context: BrowserContext, server: Server) -> ProductForm:
    """Open a new form; from here on input devices are recorded."""
    page = await sign_in(context, server.url)
    await page.add_init_script(WATCH_HANDS)
    # A key press is faster than Playwright's interception of the file picker if that begins only with the wait for it.
    page.on("filechooser", lambda _: None)
    return await ProductForm(page, server.url).create()


async def used(page: Page) -> set[str]:
    return set((await page.evaluate("sessionStorage.used")).split())


def opener(form: ProductForm) -> Locator:
    return form.page.get_by_role("button", name="Upload Product Images")


def button(form: ProductForm, name: str, exact: bool = False) -> Locator:
    """Return the visible buttons of the dialog with this name."""
    return form.window.get_by_role("button", name=name, exact=exact)


def field(form: ProductForm, name: str) -> Locator:
    return form.page.locator(f"#product-form [name={name}]")


def save_button(form: ProductForm) -> Locator:
    return form.page.get_by_role("button", name="Create Product")


def place_of_red(form: ProductForm) -> Locator:
    """Return where to drop a card so that it becomes the first of the empty variant."""
    return form.window.get_by_text("the first is the cover of “Red”")


async def choose(form: ProductForm, ask: Callable[[], Awaitable[None]], files: Sequence[Path]) -> None:
    """Do what opens the browser's file picker, choose there, and wait until all files are stored."""
    async with form.page.expect_file_chooser() as chooser:
        await ask()
    await (await chooser.value).set_files(files)
    await form.stored(len(files))


async def remove_and_restore(form: ProductForm, use: Callable[[Locator], Awaitable[None]]) -> None:
    """Remove an image and restore it with its buttons; the order is the same before and after."""
    await use(button(form, "Remove 1.jpg"))
    await form.expect_names("4.jpg", "3.jpg", "2.jpg")
    await use(button(form, "Restore 1.jpg"))
    await expect_ordered(form)


async def tab_to(element: Locator, way: str = "Tab") -> None:
    """Press a key until the element has the focus; a whole page takes fewer than 100 presses."""
    for _ in range(100):
        if await element.evaluate("element => element === document.activeElement"):
            return
        await element.page.keyboard.press(way)
    raise AssertionError(f"{way} does not reach {element}")


async def press_on(element: Locator, key: str, way: str = "Tab") -> None:
    await tab_to(element, way)
    await element.page.keyboard.press(key)


async def expect_ordered(form: ProductForm) -> None:
    """Wait until the dialog shows the expected result."""
    red = form.window.locator("[data-section]").filter(has_text="“Red”")
    await form.expect_names(*OWN, *OF_RED)
    await form.expect_names(*OF_RED, where=red)


async def expect_product(form: ProductForm, server: Server) -> None:
    """The product's page shows every image in its position, and the database rows agree."""
    await form.saved()
    await form.page.wait_for_load_state("load")
    for region, names in (("Images", OWN), ("Red", OF_RED)):
        shown = form.page.get_by_role("region", name=region).locator("img")
        assert await shown.evaluate_all("images => images.map(({ alt }) => alt)") == list(names)
        for index in range(len(names)):
            # Those further down are loaded when they come into view.
            await shown.nth(index).scroll_into_view_if_needed()
            await form.page.wait_for_function(
                "(image) => image.naturalWidth > 0", arg=await shown.nth(index).element_handle()
            )
    number = int(form.page.url.rstrip("/").rpartition("/")[2])
    rows = server.query(
        "SELECT f.name, v.name, f.is_primary FROM marketing_productfile f"
        " LEFT JOIN marketing_productvariant v ON v.id = f.variant_id"
        " WHERE f.product_id = ? ORDER BY v.name IS NOT NULL, f.sequence",
        number,
    )
    assert [(name, variant) for name, variant, _ in rows] == [*((n, None) for n in OWN), *((n, "Red") for n in OF_RED)]
    assert [name for name, _, is_primary in rows if is_primary] == [OWN[0]]
