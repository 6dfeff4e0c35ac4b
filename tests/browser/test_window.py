"""The Manage Files dialog as people use it: adding, watching, removing, leaving, returning."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, expect

from tests.support.browser.file_cache import NO_STORAGE, stored_bytes
from tests.support.browser.window import WATCH_FIRST_CARD, ProductForm, chromium, fill_in_sign_in, new_product, profile
from tests.support.images.pictures import photo, picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for
from uploads.core.errors import CATALOGUE, Code

Photos = Callable[..., list[Path]]
Line = tuple[ProductForm, Proxy]
PARTLY = re.compile(r"[2-9]\d%")
NAMES = {
    "<img src=x onerror=alert(1)>.jpg": "<img src=x onerror=alert(1)>.jpg",
    "photo\u202egpj.exe.jpg": "photogpj.exe.jpg",
    "a" * 300 + ".jpg": "a" * 116 + ".jpg",
    "🏺 mug 🎉.jpg": "🏺 mug 🎉.jpg",
}
"""File names and how they are shown: markup, a direction change, a long name, characters outside the BMP."""


SERVER = {"UPLOADS_GRACE_SECONDS": "8"}
"""One server with a grace longer than it takes to sign in again, and shorter than the wait for an expiry."""


# --- Adding


async def test_u10_files_dropped_on_the_page_or_on_the_window_are_added_under_one_overlay(
    form: ProductForm, photos: Photos
):
    overlay = form.page.locator(".mf-overlay:visible")
    page = form.page.locator("h1")
    await form.hold(page, photos(1, 2))
    await expect(overlay).to_have_count(1)
    await expect(overlay).to_contain_text("Drop 2 images to add to the product images")
    await form.drop(page, photos(1, 2))
    await form.stored(2, form.inline)
    await expect(overlay).to_have_count(0)
    window = await form.open_window()
    await form.hold(window, photos(3))
    await expect(overlay).to_have_count(1)
    await form.drop(window, photos(3))

    await form.expect_names("1.jpg", "2.jpg", "3.jpg")
    await form.stored(3)


async def test_files_that_cannot_be_taken_are_named_with_the_reason_while_the_others_go_on(
    form: ProductForm, photos: Photos, tmp_path: Path
):
    for name, content in (("prices.pdf", b"%PDF"), ("huge.jpg", b"\xff\xd8" + bytes(21_000_000)), ("empty.png", b"")):
        (tmp_path / name).write_bytes(content)
    await form.open_window()
    await form.drop(form.window, [*photos(1), *(tmp_path / name for name in ("prices.pdf", "huge.jpg", "empty.png"))])
    problems = form.window.locator(".mf-problems")

    await expect(problems).to_contain_text("3 files were not added")
    await expect(problems.get_by_role("listitem")).to_have_text(
        [
            "“prices.pdf” is not a supported image. Use JPEG, PNG or WebP.",
            "“huge.jpg” is 21.1 MB. The limit is 20 MB. Upload a smaller copy",
            "“empty.png” is empty. Choose another file.",
        ]
    )
    await form.expect_names("1.jpg")
    await form.stored(1)
    await problems.get_by_role("button", name="Dismiss").click()
    await expect(problems).to_be_hidden()


async def test_a_file_the_server_refuses_says_why(form: ProductForm, tmp_path: Path):
    (tmp_path / "half.jpg").write_bytes(picture()[:-500])
    (tmp_path / "really.jpg").write_bytes(b"no image")
    await form.open_window()
    await form.add([tmp_path / "half.jpg", tmp_path / "really.jpg"])

    await expect(form.cards(state="failed")).to_have_count(2)
    await expect(form.card("half.jpg")).to_contain_text(CATALOGUE[Code.IMAGE_TRUNCATED].message)
    await expect(form.card("really.jpg")).to_contain_text(CATALOGUE[Code.UNSUPPORTED_TYPE].message)


async def test_u49_a_file_name_is_only_ever_text(form: ProductForm):
    await form.open_window()
    for seed, name in enumerate(NAMES):
        await form.add_named(name, picture(seed=seed))
    await form.expect_names(*NAMES.values())
    await form.stored(len(NAMES))

    await form.expect_names(*NAMES.values())
    titles = await form.cards().locator(".mf-card-name").evaluate_all("names => names.map((name) => name.title)")
    assert titles == list(NAMES.values())
    assert await form.cards().locator("img").count() == len(NAMES)
    assert await form.window.evaluate("window => window.scrollWidth <= window.clientWidth")


async def test_a_file_sent_by_http_shows_in_an_open_window(form: ProductForm):
    await form.open_window()
    answer = await form.send_by_http("by-http.jpg", picture())

    assert answer.ok, await answer.text()
    await form.expect_names("by-http.jpg")
    await form.stored(1)


# --- Watching


async def test_u14_a_preview_shows_before_anything_is_sent(server: Server, line: Line, big: Path):
    form, proxy = line
    proxy.bytes_per_second = 1
    await form.add([big])
    image = form.card("big.jpg").locator("img")
    await expect(image).to_be_visible()

    assert str(await image.get_attribute("src")).startswith("blob:")
    assert await image.evaluate("image => image.naturalWidth") > 0
    assert server.file_states(form.draft) == {}


async def test_u18_progress_is_what_the_server_acknowledged_and_stored_is_what_it_said(line: Line, big: Path):
    form, proxy = line
    proxy.bytes_per_second = 3_000_000
    await form.page.add_init_script(WATCH_FIRST_CARD)
    await form.page.reload()
    await form.open_window()
    await form.add([big])
    await form.stored(1)
    log: list[dict[str, Any]] = await form.page.evaluate("log")
    states = [entry["state"] for entry in log if "state" in entry]
    totals = [entry["total"] for entry in log if entry.get("state") in ("uploading", "processing")]
    size, acked = len(photo(4)), 0

    assert list(dict.fromkeys(states)) == ["queued", "uploading", "processing", "stored"]
    assert states == sorted(states, key=["queued", "uploading", "processing", "stored"].index)
    assert len(set(totals)) > 5
    assert totals == sorted(totals)
    for index, entry in enumerate(log):
        acked = entry.get("acked", acked)
        if entry.get("state") == "uploading":
            assert int(entry["words"].partition("%")[0]) <= round(100 * acked / size)
        if entry.get("state") == "processing":
            assert acked == size
            assert entry["total"] < 1
        if entry.get("state") == "stored":
            assert {"told": "stored"} in log[:index]


# --- Discarding


async def test_discard_all_asks_first_and_tells_the_other_tab(server: Server, form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1, 2))
    draft, other = form.draft, await form.another_tab()
    await form.window.get_by_role("button", name="Discard all").click()
    question = form.page.get_by_role("dialog", name="Discard this product?")
    await expect(question.get_by_role("listitem")).to_have_text(["2 images"])
    await question.get_by_role("button", name="Keep editing").click()
    assert server.draft_state(draft) == "open"
    await form.window.get_by_role("button", name="Discard all").click()
    await question.get_by_role("button", name="Discard", exact=True).click()

    await form.page.wait_for_url("**/marketing/")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired")
    await expect(other.window).to_have_attribute("data-connection", "discarded")
    await expect(other.window).to_contain_text("demo discarded this draft. Deleted: “1.jpg” and “2.jpg”.")


# --- Leaving and coming back


async def test_the_last_words_before_a_reload_are_there_after_it(form: ProductForm):
    await form.page.locator("[data-variant-add]").click()
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.fill(title="Last words", price="9.50")
    await form.page.reload()

    await expect(form.page.locator("[name=title]")).to_have_value("Last words")
    await expect(form.page.locator("[name=price]")).to_have_value("9.50")
    await expect(form.page.locator("[data-variant-label]")).to_have_value("Red")


async def test_u48_leaving_asks_nothing_and_the_last_words_reach_the_server(
    server: Server, form: ProductForm, photos: Photos
):
    await form.stored_files(*photos(1))
    await form.close_window()
    draft = form.draft.replace("-", "")
    await form.page.locator("#product-form [name=title]").press_sequentially("Left")
    await form.page.get_by_role("link", name="Products").first.click()
    await form.page.wait_for_url("**/marketing/")

    # A browser prompt would fail the profile.
    sql = "SELECT fields FROM draft_uploads_draft WHERE id = ?"
    await asyncio.to_thread(wait_for, lambda: "Left" in str(server.query(sql, draft)))


async def test_an_interrupted_file_goes_on_when_it_is_chosen_again(server: Server, line: Line, big: Path):
    form, proxy = line
    proxy.hold_uploads(after=1_000_000)
    await form.add([big])
    await expect(form.cards(state="uploading")).to_contain_text(PARTLY)
    file = str(await form.card("big.jpg").get_attribute("data-file-id"))
    await form.page.context.add_init_script(NO_STORAGE)
    await form.page.reload()
    await form.open_window()
    await expect(form.card("big.jpg")).to_have_attribute("data-state", "interrupted")
    proxy.release_uploads()
    await form.add([big])
    await form.stored(1)

    assert await form.card("big.jpg").get_attribute("data-file-id") == file
    assert [path.read_bytes() for path in server.temp_images() if file in path.name] == [photo(4)]


async def test_u42_after_a_sign_out_the_window_asks_to_sign_in_and_then_goes_on(form: ProductForm, photos: Photos):
    await form.stored_files(*photos(1))
    other = await form.page.context.new_page()
    await other.goto(f"{form.url}/marketing/")
    await other.get_by_role("button", name="Sign out").click()
    await expect(form.window).to_have_attribute("data-connection", "signed_out")
    await expect(form.window.get_by_role("status")).to_contain_text("You're signed out.")
    await form.add(photos(2))
    await expect(form.card("2.jpg")).to_have_attribute("data-state", "queued")
    async with form.page.context.expect_page() as opened:
        await form.window.get_by_role("link", name="Sign in").click()
    page = await opened.value
    await fill_in_sign_in(page)
    await page.wait_for_load_state()
    await page.close()
    # Pages without a screen believe that they always have the focus.
    await form.page.evaluate("window.dispatchEvent(new Event('focus'))")

    await expect(form.window).to_have_attribute("data-connection", "live")
    await form.stored(2)


async def test_who_comes_back_too_late_is_told_what_was_lost(server: Server, line: Line, photos: Photos):
    form, proxy = line
    await form.add(photos(1, 2))
    await form.stored(2)
    proxy.cut(stay_closed=True)
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(form.draft) == "expired", 20)
    proxy.mend()

    await expect(form.window).to_have_attribute("data-connection", "expired")
    await expect(form.window).to_contain_text(
        "2 images expired because the product wasn't saved in time. 2 can be restored from this browser."
    )
    await form.window.get_by_role("button", name="Restore images").click()
    await form.stored(2, form.inline)


async def test_u38_a_server_that_is_restarted_in_the_middle_goes_on_where_it_stopped(
    make_server: Callable[..., Server], context: BrowserContext, big: Path
):
    server = make_server(UPLOADS_GRACE_SECONDS="30")
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        await form.open_window()
        proxy.hold_uploads(after=1_000_000)
        await form.add([big])
        await expect(form.cards(state="uploading")).to_contain_text(PARTLY)
        assert await asyncio.to_thread(server.terminate) == 0
        await expect(form.window).to_have_attribute("data-connection", "reconnecting")
        proxy.release_uploads()
        await asyncio.to_thread(server.start)
        await form.stored(1)

    assert [path.read_bytes() for path in server.temp_images()] == [photo(4)]


async def test_a_page_without_a_secure_origin_joins_no_halves_of_two_files(
    make_server: Callable[..., Server], photos: Photos, tmp_path: Path
):
    """Browsers compute hashes only on a secure one."""
    server = make_server(ALLOWED_HOSTS="shop.test", UPLOADS_GRACE_SECONDS="30")
    one, other = photo(3, seed=1), photo(3, seed=2)
    paths = [tmp_path / folder / "mug.jpg" for folder in ("one", "other")]
    for path, content in zip(paths, (one, other), strict=True):
        path.parent.mkdir()
        path.write_bytes(content.ljust(max(len(one), len(other)), b"\0"))
    async with chromium("--host-resolver-rules=MAP shop.test 127.0.0.1") as browser, profile(browser) as context:
        with Proxy(server.port) as proxy:
            await context.add_init_script(NO_STORAGE)
            url = proxy.url.replace("127.0.0.1", "shop.test")
            form = await new_product(context, url)
            assert await form.page.evaluate("isSecureContext") is False
            await form.stored_files(*photos(1))
            proxy.hold_uploads(after=1_000_000)
            await form.add(paths[:1])
            await expect(form.cards(state="uploading")).to_contain_text(PARTLY)
            form.page.on("dialog", lambda dialog: dialog.accept())
            await form.page.reload()
            await form.open_window()
            proxy.release_uploads()
            await form.add(paths[1:])
            await form.stored(2)

    assert stored_bytes(server, form.draft)["mug.jpg"] == sha256(other).hexdigest()


async def test_a_button_that_goes_away_leaves_the_focus_in_the_window(
    form: ProductForm, photos: Photos, tmp_path: Path
):
    await form.open_window()
    focus = form.window.locator(":focus")
    await form.window.locator(".mf-empty .mf-add").focus()
    await form.add(photos(1))
    await form.stored(1)
    await expect(form.window.locator(".mf-empty")).to_be_hidden()
    await expect(focus).to_have_text("Add images")

    (tmp_path / "prices.pdf").write_bytes(b"%PDF")
    await form.drop(form.window, [tmp_path / "prices.pdf"])
    await form.window.get_by_role("button", name="Dismiss").press("Enter")
    await expect(form.window.locator(".mf-problems")).to_be_hidden()
    await expect(focus).to_have_text("Add images")
