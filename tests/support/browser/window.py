"""The product form and its Manage Files window as a person uses them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import (
    APIResponse,
    Browser,
    BrowserContext,
    CDPSession,
    Dialog,
    Locator,
    Page,
    Playwright,
    async_playwright,
    expect,
)

from tests.support.servers.programs import need
from tests.support.servers.server import PASSWORDS
from tests.support.wire.staff import SESSIONS

expect.set_options(timeout=15_000)
OPTIONS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


async def launch(playwright: Playwright, *more: str) -> Browser:
    """The Chromium that `python3 -m tests` found; `more` are options of its command line."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return await playwright.chromium.launch(executable_path=need("Chromium"), args=[*OPTIONS, *sandbox, *more])


WATCH_FIRST_CARD = """
window.log = [];
window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "ack") log.push({ acked: frame.offset });
      if (frame.type === "snapshot" && frame.files[0]?.state === "stored") log.push({ told: "stored" });
    });
  }
};
const look = () => {
  const card = document.querySelector("dialog .mf-card"), total = document.querySelector("dialog .mf-total");
  if (!card) return;
  const entry = { state: card.dataset.state, words: card.querySelector(".mf-card-words").textContent,
    total: "running" in total.dataset ? total.querySelector("progress").value : 1 };
  if (JSON.stringify(entry) !== JSON.stringify(log.findLast(({ state }) => state))) log.push(entry);
};
const everything = { subtree: true, childList: true, attributes: true, characterData: true };
new MutationObserver(look).observe(document, everything);
"""
"""A script for a page to start with: it logs what the server says and what the first card shows."""


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """A browser, for as long as the block lasts."""
    async with async_playwright() as playwright:
        browser = await launch(playwright, *more)
        yield browser
        await browser.close()


@asynccontextmanager
async def profile(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser profile; a page error, a blocked script or a question of the browser's own fails the test."""
    context = await browser.new_context(**options)
    problems: list[str] = []

    async def asked(dialog: Dialog) -> None:
        problems.append(f"{dialog.type}: {dialog.message}")
        await dialog.accept()

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("dialog", asked)
        # Playwright takes the file dialog away from the browser only while somebody listens, and begins and ends that
        # beside what a test goes on to do: a second dialog that is expected right after the first would be missed.
        page.on("filechooser", lambda _: None)

    context.on("page", watch)
    yield context
    await context.close()
    assert problems == [], problems


async def sign_in(context: BrowserContext, url: str, name: str = "demo") -> Page:
    """A page of `context`, signed in and on the product list."""
    page = await context.new_page()
    if name in SESSIONS:
        await context.add_cookies([{"name": "sessionid", "value": SESSIONS[name][0], "url": url}])
    await page.goto(f"{url}/marketing/")
    if "/accounts/login/" in page.url:
        await fill_in_sign_in(page, name)
        await page.wait_for_url("**/marketing/")
    return page


async def fill_in_sign_in(page: Page, name: str = "demo") -> None:
    """Sign in on the page that asks for it."""
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(PASSWORDS.get(name, name))
    await page.get_by_role("button", name="Sign in").click()


class ProductForm:
    """A create or edit page. `window` holds the dialog, `inline` the grid on the form."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self._session: CDPSession | None = None
        self.window: Locator = page.get_by_role("dialog", name="Manage files")
        self.inline: Locator = page.locator("manage-files .mf-inline")

    async def create(self) -> ProductForm:
        """Open a fresh Create product page."""
        await self.page.goto(f"{self.url}/marketing/product_create/?new=1")
        return self

    @property
    def draft(self) -> str:
        return parse_qs(urlsplit(self.page.url).query)["draft"][0]

    async def open_window(self, connection: str = "live") -> Locator:
        # The cards that a page begins with move the button: between a mouse's down and up they make it miss.
        await expect(self.inline).to_have_attribute("data-connection", connection)
        await self.page.get_by_role("button", name="Upload Product Images").click()
        await expect(self.window).to_have_attribute("data-connection", connection)
        return self.window

    async def close_window(self) -> None:
        await self.window.get_by_role("button", name="Back to product").click()

    async def add(self, files: Sequence[Path | str]) -> None:
        """Choose files with the file picker."""
        await self.page.locator("manage-files input[type=file]").set_input_files([str(path) for path in files])

    async def drop(self, target: Locator, files: Sequence[Path]) -> None:
        """Drop files of the operating system on `target`, as a real drag does."""
        await self._drag_files(target, files, "dragEnter", "dragOver", "drop")

    async def add_named(self, name: str, content: bytes) -> None:
        """Choose a file of any name, also one that no disk would hold."""
        picker = self.page.locator("manage-files input[type=file]")
        await picker.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})

    async def hold(self, target: Locator, files: Sequence[Path]) -> None:
        """Hold files of the operating system over `target`."""
        await self._drag_files(target, files, "dragEnter", "dragOver")

    async def hold_on(self, target: Locator, files: Sequence[Path]) -> None:
        """Move what is held over the page to `target`."""
        await self._drag_files(target, files, "dragOver")

    async def leave_with_files(self) -> None:
        """Leave the page with what is held over it, also by Escape; headless browsers never say so."""
        await self.page.locator("h1").evaluate("at => at.dispatchEvent(new DragEvent('dragleave', { bubbles: true }))")

    async def _cdp(self) -> CDPSession:
        """One session for all of a drag."""
        self._session = self._session or await self.page.context.new_cdp_session(self.page)
        return self._session

    async def hold_items(self, target: Locator, items: Sequence[dict[str, str]]) -> None:
        """Hold what another page gave, texts by their types, over `target`."""
        await self._drag(target, {"items": items, "files": []}, "dragEnter", "dragOver")

    async def drop_items(self, target: Locator, items: Sequence[dict[str, str]], files: Sequence[Path] = ()) -> None:
        """Drop what another page gave on `target`, perhaps with files."""
        data = {"items": items, "files": [str(path) for path in files]}
        await self._drag(target, data, "dragEnter", "dragOver", "drop")

    async def _drag_files(self, target: Locator, files: Sequence[Path], *kinds: str) -> None:
        await self._drag(target, {"items": [], "files": [str(path) for path in files]}, *kinds)

    async def _drag(self, target: Locator, data: dict[str, Any], *kinds: str) -> None:
        box = await target.bounding_box()
        assert box is not None
        session = await self._cdp()
        data = {**data, "dragOperationsMask": 1}
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in kinds:
            await session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})

    async def drag(self, card: Locator, before: Locator) -> None:
        """Drag a card by mouse in front of another card, or into an empty list."""
        source, target = await middle(card), await corner(before)
        mouse = self.page.mouse
        await mouse.move(*source)
        await mouse.down()
        await mouse.move(source[0] - 20, source[1], steps=4)
        await mouse.move(*target, steps=12)
        await mouse.up()

    async def drag_by_finger(self, card: Locator, before: Locator, past_the_edge: bool = False) -> None:
        """Drag a card by its handle in front of another card, or into an empty list.

        `past_the_edge`: at the lower edge the finger waits until the window has scrolled to its end.
        """
        source = await middle(card.locator(".mf-card-grip"))
        await self._touch("touchStart", source)
        if past_the_edge:
            source = await self._wait_at_the_edge()
        target = await corner(before)
        for n in range(1, 9):
            at = (source[0] + (target[0] - source[0]) * n / 8, source[1] + (target[1] - source[1]) * n / 8)
            await self._touch("touchMove", at)
        await self._touch("touchEnd")

    async def _wait_at_the_edge(self) -> tuple[float, float]:
        """Move the finger to the lower edge of what scrolls, until nothing is left to scroll; says where it is."""
        body = self.window.locator(".mf-body")
        box = await body.bounding_box()
        assert box is not None
        at = (box["x"] + box["width"] / 2, box["y"] + box["height"] - 8)
        await self._touch("touchMove", at)
        end = "body => body.scrollTop + body.clientHeight > body.scrollHeight - 1"
        await self.page.wait_for_function(end, arg=await body.element_handle())
        return at

    async def _touch(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        await (await self._cdp()).send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    async def press(self, card: Locator) -> None:
        """Press a card long with a finger that does not move, until it is lifted."""
        await self._touch("touchStart", await middle(card))
        await expect(self.page.locator(".mf-ghost")).to_be_visible()
        await self._touch("touchEnd")

    async def menu(self, name: str, item: str) -> None:
        """Choose from the menu of a card in the window."""
        await self.card(name).get_by_role("button", name="More").click()
        await self.window.get_by_role("menuitem", name=item).click()

    async def stored_files(self, *paths: Path) -> None:
        """Open the window, add files, and wait until they are stored."""
        await self.open_window()
        await self.add(paths)
        await self.stored(len(paths))

    async def another_tab(self) -> ProductForm:
        """The same draft in a second tab, with its window open."""
        other = ProductForm(await self.page.context.new_page(), self.url)
        await other.page.goto(self.page.url)
        await other.open_window()
        return other

    async def send_by_http(self, name: str, content: bytes) -> APIResponse:
        """Upload a file through the HTTP API, as this browser's user."""
        cookies = {cookie["name"]: cookie["value"] for cookie in await self.page.context.cookies()}
        return await self.page.context.request.post(
            f"{self.url}/marketing/api/temp_upload_file/",
            headers={"X-CSRFToken": cookies["csrftoken"], "Referer": self.url},
            multipart={
                "draft": self.draft,
                "file_type": "main_image",
                "file": {"name": name, "mimeType": "image/jpeg", "buffer": content},
            },
        )

    async def expect_names(self, *names: str, where: Locator | None = None) -> None:
        """Wait until the cards have exactly these names, in this order (the tray's not counted)."""
        cards = (where or self.window).locator("[data-droppable] > [data-file-id]")
        await expect(cards.locator(".mf-card-name")).to_have_text(list(names))

    def cards(self, where: Locator | None = None, state: str = "") -> Locator:
        selector = f"[data-file-id][data-state='{state}']" if state else "[data-file-id]"
        return (where or self.window).locator(selector)

    def card(self, name: str, where: Locator | None = None) -> Locator:
        return (where or self.window).locator("[data-file-id]").filter(has=self.page.locator(f"[title='{name}']"))

    async def stored(self, count: int, where: Locator | None = None) -> None:
        """Wait until exactly `count` cards are stored."""
        await expect(self.cards(where, "stored")).to_have_count(count, timeout=45_000)

    async def names(self, where: Locator | None = None) -> list[str]:
        """The names of the cards in order (the tray's not)."""
        names = self.cards(where).locator("xpath=self::*[not(@data-state='removed')]").locator(".mf-card-name")
        return [str(title) for title in await names.evaluate_all("names => names.map((name) => name.title)")]

    async def fill(self, **fields: str) -> None:
        for label, text in fields.items():
            await self.page.locator(f"#product-form [name={label}]").fill(text)

    async def save(self) -> None:
        await self.page.locator("#save").click()

    async def saved(self) -> None:
        """Wait for the product's own page."""
        await self.page.wait_for_url("**/marketing/product/*/")


async def shown_images(page: Page) -> list[dict[str, Any]]:
    """The product images of a detail page: alternative text and natural width."""
    return await page.locator("main img").evaluate_all(
        "images => images.map((image) => ({ alt: image.alt, width: image.naturalWidth, src: image.currentSrc }))"
    )


async def middle(element: Locator) -> tuple[float, float]:
    """Where to take hold of a card: above its middle, clear of its buttons."""
    box = await element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def corner(element: Locator) -> tuple[float, float]:
    """A point whose drop comes before the element."""
    box = await element.bounding_box()
    assert box is not None
    return box["x"] + 8, box["y"] + box["height"] / 3
