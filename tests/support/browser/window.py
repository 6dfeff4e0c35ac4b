"""The product form and its Manage Files dialog, as a person uses them."""

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
from tests.support.wire.http_client import SESSIONS

expect.set_options(timeout=15_000)
OPTIONS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


async def launch(playwright: Playwright, *more: str) -> Browser:
    """Launch the Chromium that `python3 -m tests` found; `more` are further command-line options."""
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
"""An init script that logs the server's messages and what the first card shows."""


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """Run a browser for the duration of the block."""
    async with async_playwright() as playwright:
        browser = await launch(playwright, *more)
        yield browser
        await browser.close()


@asynccontextmanager
async def profile(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """Open a browser profile; a page error, a blocked script or an unexpected browser prompt fails the test."""
    context = await browser.new_context(**options)
    problems: list[str] = []

    async def asked(dialog: Dialog) -> None:
        problems.append(f"{dialog.type}: {dialog.message}")
        await dialog.accept()

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("dialog", asked)
        # Playwright intercepts the file picker only while there is a listener, and starts and stops that concurrently
        # with the test: a second picker expected right after the first would be missed.
        page.on("filechooser", lambda _: None)

    context.on("page", watch)
    yield context
    await context.close()
    assert problems == [], problems


async def sign_in(context: BrowserContext, url: str, name: str = "demo") -> Page:
    """Return a page of `context`, signed in and on the product list."""
    page = await context.new_page()
    await _visit(page, url, "/marketing/", name)
    return page


async def _visit(page: Page, url: str, path: str, name: str) -> None:
    """Open a page that only the user of that name sees, by a session of `SESSIONS` if the server knows one."""
    if name in SESSIONS:
        await page.context.add_cookies([{"name": "sessionid", "value": SESSIONS[name][0], "url": url}])
    await page.goto(url + path)
    if "/accounts/login/" in page.url:
        await fill_in_sign_in(page, name)
        await page.wait_for_url(f"**{path.partition('?')[0]}*")


async def fill_in_sign_in(page: Page, name: str = "demo") -> None:
    """Sign in on the sign-in page."""
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(PASSWORDS.get(name, name))
    await page.get_by_role("button", name="Sign in").click()


CREATE = "/marketing/product_create/?new=1"


class ProductForm:
    """A create or edit page. `window` is the dialog, `inline` the grid on the form."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self._session: CDPSession | None = None
        self.window: Locator = page.get_by_role("dialog", name="Manage files")
        self.inline: Locator = page.locator("manage-files .mf-inline")

    async def create(self) -> ProductForm:
        """Open a new Create product page."""
        await self.page.goto(self.url + CREATE)
        return self

    @property
    def draft(self) -> str:
        return parse_qs(urlsplit(self.page.url).query)["draft"][0]

    async def open_window(self, connection: str = "live") -> Locator:
        # The first cards of a page move the button; between mouse down and up they would make the click miss.
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
        """Drop operating-system files on `target`, as a real drag does."""
        await self._drag_files(target, files, "dragEnter", "dragOver", "drop")

    async def add_named(self, name: str, content: bytes) -> None:
        """Choose a file with any name, even one no disk could hold."""
        picker = self.page.locator("manage-files input[type=file]")
        await picker.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})

    async def hold(self, target: Locator, files: Sequence[Path]) -> None:
        """Hold operating-system files over `target` without dropping them."""
        await self._drag_files(target, files, "dragEnter", "dragOver")

    async def hold_on(self, target: Locator, files: Sequence[Path]) -> None:
        """Move the held files over the page to `target`."""
        await self._drag_files(target, files, "dragOver")

    async def leave_with_files(self) -> None:
        """Drag the held files off the page, or press Escape; headless browsers never report that."""
        await self.page.locator("h1").evaluate("at => at.dispatchEvent(new DragEvent('dragleave', { bubbles: true }))")

    async def _cdp(self) -> CDPSession:
        """Return the CDP session, one for the whole drag."""
        self._session = self._session or await self.page.context.new_cdp_session(self.page)
        return self._session

    async def hold_items(self, target: Locator, items: Sequence[dict[str, str]]) -> None:
        """Hold what another page provides over `target`: texts by type."""
        await self._drag(target, {"items": items, "files": []}, "dragEnter", "dragOver")

    async def drop_items(self, target: Locator, items: Sequence[dict[str, str]], files: Sequence[Path] = ()) -> None:
        """Drop what another page provides on `target`, with or without files."""
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
        """Drag a card by mouse to before another card, or into an empty list."""
        source, target = await middle(card), await corner(before)
        mouse = self.page.mouse
        await mouse.move(*source)
        await mouse.down()
        await mouse.move(source[0] - 20, source[1], steps=4)
        await mouse.move(*target, steps=12)
        await mouse.up()

    async def drag_by_finger(self, card: Locator, before: Locator, past_the_edge: bool = False) -> None:
        """Drag a card by its handle to before another card, or into an empty list.

        `past_the_edge`: the finger waits at the lower edge until the dialog has scrolled to its end.
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
        """Hold the finger at the lower edge of the scroller until it has scrolled to its end; return its position."""
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
        """Long-press a card with a finger that does not move, until it is lifted."""
        await self._touch("touchStart", await middle(card))
        await expect(self.page.locator(".mf-ghost")).to_be_visible()
        await self._touch("touchEnd")

    async def menu(self, name: str, item: str) -> None:
        """Choose an item from the menu of a card in the dialog."""
        await self.card(name).get_by_role("button", name="More").click()
        await self.window.get_by_role("menuitem", name=item).click()

    async def stored_files(self, *paths: Path) -> None:
        """Open the dialog, add files, and wait until they are stored."""
        await self.open_window()
        await self.add(paths)
        await self.stored(len(paths))

    async def another_tab(self) -> ProductForm:
        """Open the same draft in a second tab, with its dialog open."""
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
        """Wait until the cards have exactly these names, in this order (without removed files)."""
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
        """Return the names of the cards in order (without removed files)."""
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


async def new_product(context: BrowserContext, url: str, name: str = "demo") -> ProductForm:
    """Return a new Create product page of `context`, signed in."""
    page = await context.new_page()
    await _visit(page, url, CREATE, name)
    return ProductForm(page, url)


async def shown_images(page: Page) -> list[dict[str, Any]]:
    """Return alternative text and natural width of the product images on a detail page."""
    return await page.locator("main img").evaluate_all(
        "images => images.map((image) => ({ alt: image.alt, width: image.naturalWidth, src: image.currentSrc }))"
    )


async def middle(element: Locator) -> tuple[float, float]:
    """Return a point at which a card can be dragged: above its middle, away from its buttons."""
    box = await element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def corner(element: Locator) -> tuple[float, float]:
    """Return a point at which a drop inserts before the element."""
    box = await element.bounding_box()
    assert box is not None
    return box["x"] + 8, box["y"] + box["height"] / 3
