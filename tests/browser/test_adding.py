"""The ways in which files get into the dialog: picked, dropped, pasted, in folders."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.browser.window import ProductForm, new_product, profile
from tests.support.images.pictures import picture
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
PASTED = re.compile(r"^Pasted image \d\d\.\d\d\.\d\d\.png$")

COPY_PICTURE = """async (content) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const blob = new Blob([bytes], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
}"""
PASTE_FILES = """([name, content, text]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  data.items.add(new File([bytes], name, { type: "image/jpeg" }));
  if (text) data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server(UPLOADS_GRACE_SECONDS="30")


async def paste_file(page: Page, name: str, content: bytes, text: str = "") -> bool:
    """Paste a file copied in the system; return whether the page handled it."""
    return bool(await page.evaluate(PASTE_FILES, [name, base64.b64encode(content).decode(), text]))


# --- The file dialog


async def test_u09_the_file_button_works_by_mouse_and_key_and_takes_a_removed_file_again(
    form: ProductForm, photos: Photos
):
    await form.open_window()
    add = form.window.locator("header").get_by_role("button", name="Add images")
    async with form.page.expect_file_chooser() as chooser:
        await add.click()
    await (await chooser.value).set_files(photos(1, 2))
    await form.stored(2)
    await form.card("1.jpg").get_by_role("button", name="Remove").click()
    await form.expect_names("2.jpg")
    await expect(form.card("2.jpg")).to_be_focused()
    await add.focus()
    async with form.page.expect_file_chooser() as chooser:
        await form.page.keyboard.press("Enter")
    dialog = await chooser.value
    await dialog.set_files(photos(1))

    await form.expect_names("2.jpg", "1.jpg")
    assert dialog.is_multiple()
    # Not every system reports the type of an iPhone's photos.
    types = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,.heic,.heif,.hif"
    assert await dialog.element.get_attribute("accept") == types


async def test_u09_on_a_phone_a_tap_opens_the_files_or_the_camera(browser: Browser, server: Server):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    async with profile(browser, **phone) as context:
        form = await new_product(context, server.url)
        await form.open_window()
        for name, capture, many in (("Add images", None, True), ("Take a photo", "environment", False)):
            async with form.page.expect_file_chooser() as chooser:
                await form.window.locator("footer").get_by_role("button", name=name).tap()
            dialog = await chooser.value
            assert await dialog.element.get_attribute("capture") == capture
            assert dialog.is_multiple() is many
        await dialog.set_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": picture()})

        await form.stored(1)
        assert re.fullmatch(r"Photo \d\d\.\d\d\.\d\d\.jpg", (await form.names())[0])
        await expect(form.window.get_by_role("button", name="Choose a folder")).to_have_count(0)


# --- Dropping


async def test_u11_what_is_held_over_the_window_is_counted_and_judged_and_leaves_without_a_trace(
    form: ProductForm, photos: Photos, tmp_path: Path
):
    (tmp_path / "prices.pdf").write_bytes(b"%PDF")
    await form.stored_files(*photos(1, 2))
    overlay = form.page.locator(".mf-overlay")
    await form.hold(form.window.locator("header"), [*photos(3, 4), tmp_path / "prices.pdf"])
    await expect(overlay).to_contain_text("Drop 2 images to add to the product images")
    await expect(overlay).to_contain_text("1 file is not a supported image")
    await overlay.evaluate(
        """overlay => {
          window.flickers = 0;
          new MutationObserver(() => { window.flickers += 1; }).observe(overlay, { attributeFilter: ["hidden"] });
        }"""
    )
    for target in (form.card("1.jpg"), form.card("2.jpg"), form.window.locator(".mf-note"), form.card("1.jpg")):
        await form.hold_on(target, photos(3, 4))
    assert await form.page.evaluate("window.flickers") == 0
    await form.hold(form.window.locator("header"), [tmp_path / "prices.pdf"])
    await expect(overlay).to_have_attribute("data-refused", "")
    await form.leave_with_files()

    await expect(overlay).to_be_hidden()
    await expect(form.window).to_be_visible()
    await form.expect_names("1.jpg", "2.jpg")


async def test_u15_of_a_mixed_batch_each_file_has_its_own_reason_and_the_good_ones_upload(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos, tmp_path: Path
):
    server = make_server(UPLOADS_GRACE_SECONDS="30", UPLOADS_LIMITS='{"max_files": 3}')
    form = await new_product(context, server.url)
    one, two, three, over = photos(1, 2, 3, 4)
    again = tmp_path / "again.jpg"
    again.write_bytes(one.read_bytes())
    (tmp_path / "prices.pdf").write_bytes(b"%PDF")
    (tmp_path / "huge.jpg").write_bytes(b"\xff\xd8" + bytes(21_000_000))
    await form.stored_files(one)
    await form.drop(form.window, [two, tmp_path / "prices.pdf", tmp_path / "huge.jpg", again, three, over])

    await expect(form.window.get_by_role("group", name="already")).to_contain_text(
        "“again.jpg”: same picture as 1: 1.jpg"
    )
    await expect(form.window.locator(".mf-problems").get_by_role("listitem")).to_have_text(
        [
            "“prices.pdf” is not a supported image. Use JPEG, PNG or WebP.",
            "“huge.jpg” is 21.1 MB. The limit is 20 MB. Upload a smaller copy",
            "“4.jpg” was not added. The limit is 3 images.",
        ]
    )
    await form.stored(3)
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")


DEAF = """
window.WebSocket = class extends WebSocket {
  addEventListener(type, listener, options) {
    super.addEventListener(type, type !== "message" ? listener : (event) => {
      if (!window.isDeaf || !event.data.includes('"type":"snapshot"')) listener(event);
    }, options);
  }
};
"""
"""An init script: while `isDeaf`, the page ignores what other tabs add, and so sends too much."""


async def test_u16_the_server_refuses_in_the_words_of_the_windows_own_check(
    make_server: Callable[..., Server], context: BrowserContext, photos: Photos, tmp_path: Path
):
    server = make_server(UPLOADS_GRACE_SECONDS="30", UPLOADS_LIMITS='{"max_files": 2}')
    form = await new_product(context, server.url)
    (tmp_path / "not.jpg").write_bytes(b"%PDF-1.7")
    (tmp_path / "not.pdf").write_bytes(b"%PDF-1.7")
    problems = form.window.locator(".mf-problems").get_by_role("listitem")
    await form.open_window()
    await form.add([tmp_path / "not.pdf", tmp_path / "not.jpg", *photos(1, 2)])
    await expect(form.card("not.jpg")).to_contain_text("is not a supported image. Use JPEG, PNG or WebP.")
    sentence = "“2.jpg” was not added. The limit is 2 images."
    await expect(problems).to_have_text(["“not.pdf” is not a supported image. Use JPEG, PNG or WebP.", sentence])
    await form.page.add_init_script(DEAF)
    await form.create()
    await form.open_window()
    await form.page.evaluate("() => { window.isDeaf = true; }")
    for seed in (8, 9):
        assert (await form.send_by_http(f"{seed}.jpg", picture(seed=seed))).ok
    await form.add(photos(2))

    await expect(problems).to_have_text([sentence])
    await expect(form.cards()).to_have_count(0)


# --- Duplicates


async def test_a_picture_that_is_here_already_waits_for_a_word(form: ProductForm, photos: Photos, tmp_path: Path):
    again = tmp_path / "again.jpg"
    again.write_bytes(photos(2)[0].read_bytes())
    await form.stored_files(*photos(1, 2))
    await form.add([again, *photos(3)])
    question = form.window.get_by_role("group", name="1 image is here already")
    await expect(question).to_contain_text("“again.jpg”: same picture as 2: 2.jpg")
    await form.stored(3)
    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    await question.get_by_role("button", name="Skip").click()
    await expect(question).to_be_hidden()
    await expect(form.window.get_by_role("button", name="Add images").first).to_be_focused()
    await form.add([again, *photos(4)])
    await form.stored(4)
    await question.get_by_role("button", name="Keep both").click()

    await form.stored(5)
    await form.expect_names("1.jpg", "2.jpg", "3.jpg", "4.jpg", "again.jpg")


async def test_repeated_pictures_of_a_batch_are_one_question(form: ProductForm, photos: Photos, tmp_path: Path):
    one, two, three = photos(1, 2, 3)
    copies = [tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    for path, original in zip(copies, (one, two, one), strict=True):
        path.write_bytes(original.read_bytes())
    await form.open_window()
    await form.add([one, copies[0], two, copies[1], three, copies[2]])
    question = form.window.get_by_role("group", name="images are here already")
    await expect(question.get_by_role("listitem")).to_have_count(3)
    await form.stored(3)
    await question.get_by_role("button", name="“b.jpg”: Skip").click()
    await expect(question.get_by_role("listitem")).to_have_count(2)
    await question.get_by_role("button", name="Keep all").click()

    await form.expect_names("1.jpg", "a.jpg", "2.jpg", "3.jpg", "c.jpg")
    await form.stored(5)


async def test_a_picture_of_another_tab_is_known_by_its_hash(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1))
    other = await form.another_tab()
    await other.add(photos(1))

    await expect(other.window.get_by_role("group")).to_contain_text("“1.jpg”: same picture as 1: 1.jpg")
    await other.expect_names("1.jpg")


# --- The clipboard


async def test_u12_an_image_from_the_clipboard_is_added_with_a_name(form: ProductForm):
    await form.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await form.page.evaluate(COPY_PICTURE, base64.b64encode(picture("PNG")).decode())
    await form.page.keyboard.press("Control+V")
    await form.stored(1, form.inline)
    await form.open_window()

    assert PASTED.match((await form.names())[0])


async def test_u12_pasted_files_keep_their_names_and_go_where_the_focus_is(form: ProductForm, photos: Photos):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.stored_files(*photos(1))
    await form.menu("1.jpg", "Red")
    await form.card("1.jpg").focus()
    assert await paste_file(form.page, "front.jpg", picture(seed=2))

    await form.stored(2)
    await form.expect_names("1.jpg", "front.jpg", where=form.window.locator("[data-section]").filter(has_text="Red"))


async def test_u12_text_is_left_to_the_field_it_is_pasted_into(form: ProductForm):
    title = form.page.locator("#product-form [name=title]")
    await title.focus()
    assert not await paste_file(form.page, "table.jpg", picture(), "a table")
    assert not await paste_file(form.page, "shot.jpg", picture())
    await title.blur()
    assert await paste_file(form.page, "shot.jpg", picture(), "shot.jpg")

    await form.stored(1, form.inline)
    await form.open_window()
    await form.expect_names("shot.jpg")


# --- Folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of images numbered as by a camera, with files left by operating systems."""
    folder = tmp_path / "Mugs"
    (folder / "more" / ".git").mkdir(parents=True)
    (folder / "none").mkdir()
    for seed, name in enumerate(("mug-10.jpg", "mug-2.jpg", "more/side.jpg", "more/.git/hidden.jpg"), 1):
        (folder / name).write_bytes(picture(seed=seed))
    for litter in (".DS_Store", "Thumbs.db", "desktop.ini", ".hidden.jpg"):
        (folder / litter).write_bytes(b"x")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "notes.txt").write_bytes(b"x")
    return folder


async def test_u13_of_a_dropped_folder_the_images_come_in_natural_order_and_the_rest_says_why(
    form: ProductForm, folder: Path, photos: Photos
):
    await form.open_window()
    await form.drop(form.window, [*photos(9), folder, folder / "none"])

    await form.expect_names("9.jpg", "side.jpg", "mug-2.jpg", "mug-10.jpg")
    await form.stored(4)
    await expect(form.window.locator(".mf-problems").get_by_role("listitem")).to_have_text(
        [
            "“empty.jpg” is empty. Choose another file.",
            "“notes.txt” is not a supported image. Use JPEG, PNG or WebP.",
            "“none” is a folder without images.",
        ]
    )


async def test_u13_a_chosen_folder_is_added_like_a_dropped_one(form: ProductForm, folder: Path):
    await form.open_window()
    async with form.page.expect_file_chooser() as chooser:
        await form.window.get_by_role("button", name="Choose a folder").locator("visible=true").first.click()
    await (await chooser.value).set_files(folder)

    await form.expect_names("side.jpg", "mug-2.jpg", "mug-10.jpg")
    await form.stored(3)


async def test_u13_many_files_refused_for_one_reason_are_one_sentence(
    form: ProductForm, tmp_path: Path, photos: Photos
):
    notes = [tmp_path / f"{number}.txt" for number in range(40)]
    for path in notes:
        path.write_bytes(b"x")
    await form.open_window()
    await form.drop(form.window, [*notes, *photos(1)])

    await expect(form.window.locator(".mf-problems")).to_contain_text("40 files were not added")
    await expect(form.window.locator(".mf-problems").get_by_role("listitem")).to_have_text(
        ["“0.txt”, “1.txt”, and 38 more are not supported images. Use JPEG, PNG or WebP."]
    )
    await form.stored(1)
