"""The pictures: a real server, a real browser, and one function for each screen or state."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from playwright.async_api import Browser, Page, async_playwright, expect

from erp import pictures
from tests.support.kept_files import expect_kept
from tests.support.proxy import Proxy
from tests.support.server import Server, wait_for
from tests.support.window import ProductForm, launch, sign_in


class Look(NamedTuple):
    """One way to look at the product."""

    name: str
    options: dict[str, Any]


DESKTOP = {"viewport": {"width": 1120, "height": 1000}, "device_scale_factor": 1}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
LOOKS = [
    Look(f"{scheme}-{device}", {**options, "color_scheme": scheme})
    for scheme in ("light", "dark")
    for device, options in (("desktop", DESKTOP), ("phone", PHONE))
]
SLOW = 400_000
"""Bytes a second: slow enough to be seen on the way."""
CRAWL = 20_000
"""Bytes a second: what is on the way stays there for the rest of a scene."""


class Studio:
    """A page of one look, the pictures to upload, the server and the network in between."""

    def __init__(self, page: Page, server: Server, proxy: Proxy, photos: dict[str, Path], folder: Path) -> None:
        self.page, self.server, self.proxy, self.photos, self._folder = page, server, proxy, photos, folder
        self.form = ProductForm(page, proxy.url)
        self._last = ""

    async def shoot(self, name: str, *, full: bool = False) -> None:
        """Take the picture `name` once fonts, images and animations are settled."""
        await self.page.evaluate("() => document.fonts.ready")
        self._folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=self._folder / f"{name}.png", full_page=full, animations="disabled")

    async def _discard_last(self) -> None:
        """End the draft of the scene before: a user may have 20."""
        if not self._last:
            return
        cookies = {cookie["name"]: cookie["value"] for cookie in await self.page.context.cookies()}
        await self.page.context.request.post(
            f"{self.proxy.url}/marketing/api/cleanup_temp_files/",
            form={"draft": self._last},
            headers={"X-CSRFToken": cookies["csrftoken"], "Referer": self.proxy.url},
        )

    async def halfway(self) -> None:
        """Wait until a file in the window is on its way for real."""
        bars = "document.querySelectorAll(\"dialog [data-state='uploading'] progress\")"
        await self.page.wait_for_function(f"() => [...{bars}].some((bar) => bar.value > 0.3)")

    async def expire(self) -> None:
        """Let the draft's grace, which has begun or is about to, be over now."""
        await asyncio.to_thread(wait_for, lambda: self.server.draft_state(self._last) == "grace", 30)
        with sqlite3.connect(self.server.var / "erp.sqlite3", timeout=20) as database:
            due = "UPDATE draft_uploads_draft SET deadline_ms = 0 WHERE state = 'grace' AND id = ?"
            database.execute(due, [self._last.replace("-", "")])
        database.close()
        await asyncio.to_thread(wait_for, lambda: self.server.draft_state(self._last) == "expired", 30)

    async def fresh(self, *names: str, connection: str = "live") -> ProductForm:
        """A fresh Create page whose window is open and holds the named pictures, stored."""
        self.proxy.bytes_per_second = None
        await self._discard_last()
        await self.form.create()
        self._last = self.form.draft
        await self.form.open_window(connection)
        if names:
            await self.form.add([self.photos[name] for name in names])
            await self.form.stored(len(names))
        return self.form


async def everything(folder: Path, only: Sequence[str] = ()) -> None:
    """Every screen and state, or those of the scenes named, in every look, one folder a look."""
    async with _studios(LOOKS, folder) as studios:
        async for studio in studios:
            for scene in SCENES:
                if not only or scene.__name__ in only:
                    await scene(studio)


async def readme(folder: Path) -> None:
    """The window in use, light and dark, for the README."""
    async with _studios([look for look in LOOKS if "desktop" in look.name], folder) as studios:
        async for studio in studios:
            await uploading(studio)


@asynccontextmanager
async def _studios(looks: list[Look], folder: Path) -> AsyncIterator[AsyncIterator[Studio]]:
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(Path(scratch) / "var").start()
        photos = _photos(Path(scratch))
        try:
            with Proxy(server.port) as proxy:
                async with async_playwright() as playwright:
                    browser = await launch(playwright)
                    yield _each(browser, looks, server, proxy, photos, folder)
                    await browser.close()
        finally:
            server.terminate()


async def _each(
    browser: Browser, looks: list[Look], server: Server, proxy: Proxy, photos: dict[str, Path], folder: Path
) -> AsyncIterator[Studio]:
    for look in looks:
        context = await browser.new_context(**look.options)
        page = await sign_in(context, proxy.url)
        yield Studio(page, server, proxy, photos, folder / look.name)
        await context.close()


def _photos(folder: Path) -> dict[str, Path]:
    blue, orange, green, purple, red = (66, 133, 200), (196, 99, 56), (46, 180, 110), (118, 60, 196), (205, 62, 62)
    drawn = {
        "mug-front.jpg": (pictures.mug(blue), blue),
        "mug-left.jpg": (pictures.mug(orange), orange),
        "lamp.jpg": (pictures.lamp(green), green),
        "vase.jpg": (pictures.vase(purple), purple),
        "set-terracotta.jpg": (pictures.plate(orange), orange),
        "red-front.jpg": (pictures.mug(red), red),
        "red-side.jpg": (pictures.vase(red), red),
    }
    made = {}
    for name, (parts, ground) in drawn.items():
        made[name] = folder / name
        # Cameras write megabytes; what follows the picture's end is padding that decoders ignore.
        content = pictures.picture(parts, pictures.shade(ground, 1.85))
        made[name].write_bytes(content + b"\0" * (2_600_000 + 310_000 * len(made)))
    made["detail.jpg"] = folder / "detail.jpg"
    made["detail.jpg"].write_bytes(made["lamp.jpg"].read_bytes()[:20_000])
    return made


# --- The scenes


async def pages(studio: Studio) -> None:
    """The ERP's pages."""
    for name, path in (
        ("list", "/marketing/"),
        ("detail", "/marketing/product/1/"),
        ("edit", "/marketing/product/1/edit/"),
    ):
        await studio.page.goto(studio.proxy.url + path)
        await studio.page.wait_for_load_state("networkidle")
        await studio.shoot(f"page-{name}", full=True)


async def empty(studio: Studio) -> None:
    """The window without a file."""
    await studio.fresh()
    await studio.shoot("window-empty")


async def uploading(studio: Studio) -> None:
    """Files in every stage, one failed, variants and another tab."""
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


async def offline(studio: Studio) -> None:
    """The connection is gone in the middle of an upload; then the question of a save."""
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg")
    studio.proxy.bytes_per_second = SLOW
    await form.add([studio.photos["lamp.jpg"]])
    await studio.halfway()
    studio.proxy.cut(stay_closed=True)
    await expect(form.window).to_have_attribute("data-connection", "reconnecting")
    await expect(form.window.locator(".mf-banner", has_text="Nothing is lost")).to_be_visible()
    await studio.shoot("window-reconnecting")
    studio.proxy.mend()
    studio.proxy.bytes_per_second = CRAWL
    await expect(form.window).to_have_attribute("data-connection", "live")
    await form.close_window()
    await form.fill(title="Enamel mug", sku=uuid4().hex[:8], price="12.50")
    await form.save()
    await expect(studio.page.get_by_role("button", name="Wait and save")).to_be_visible()
    await studio.shoot("question-unfinished")
    await studio.page.get_by_role("button", name="Keep editing").click()


async def limited(studio: Studio) -> None:
    """The network blocks WebSockets: the window in use, and the form page."""
    studio.proxy.blocks_websockets = True
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg", connection="limited")
    studio.proxy.bytes_per_second = SLOW
    await form.add([studio.photos["lamp.jpg"]])
    await studio.halfway()
    await studio.shoot("window-limited")
    await form.close_window()
    await studio.shoot("form-limited")
    studio.proxy.blocks_websockets = False


async def no_room(studio: Studio) -> None:
    """The browser has no room for copies: the window, and the form page."""
    session = await studio.page.context.new_cdp_session(studio.page)
    quota = "Storage.overrideQuotaForOrigin"
    await session.send(quota, {"origin": studio.proxy.url, "quotaSize": 1_000_000})
    form = await studio.fresh()
    studio.proxy.bytes_per_second = SLOW
    await form.add([studio.photos[name] for name in ("lamp.jpg", "vase.jpg")])
    await expect(form.window).to_contain_text("No room")
    await studio.halfway()
    await studio.shoot("window-no-room")
    await form.close_window()
    await studio.shoot("form-no-room")
    await session.send(quota, {"origin": studio.proxy.url})


async def expired(studio: Studio) -> None:
    """A draft that expired under an open window, and one somebody comes back to; one of its images is lost."""
    await _expiring(studio)
    studio.proxy.cut(stay_closed=True)
    await studio.expire()
    studio.proxy.mend()
    await expect(studio.form.window).to_contain_text("Still in this browser", timeout=20_000)
    await studio.shoot("window-expired")
    await _expiring(studio)
    address = studio.page.url
    await studio.page.goto("about:blank")
    await studio.expire()
    await studio.page.goto(address)
    await expect(studio.form.inline).to_contain_text("Still in this browser")
    await studio.shoot("form-expired")
    await studio.form.open_window()
    await studio.shoot("window-offer")
    await studio.form.window.get_by_role("button", name="Upload again").click()
    await studio.form.stored(3)
    await studio.shoot("window-lost")


async def no_draft(studio: Studio) -> None:
    """Upload again without a network, then after a sign-out."""
    await _expiring(studio)
    studio.proxy.cut(stay_closed=True)
    await studio.expire()
    studio.proxy.mend()
    context, banner = studio.page.context, studio.form.window.locator(".mf-banner")
    again = studio.form.window.get_by_role("button", name=re.compile("again"))
    await expect(again).to_be_visible(timeout=20_000)
    await context.set_offline(True)
    await again.click()
    await expect(banner.filter(has_text="Could not start")).to_be_visible()
    await studio.shoot("window-no-draft")
    await context.set_offline(False)
    cookies = await context.cookies()
    await context.clear_cookies()
    await again.click()
    await expect(banner.filter(has_text="Sign in, then")).to_be_visible()
    await studio.shoot("window-no-draft-signed-out")
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # What comes out is what goes in.


async def waiting(studio: Studio) -> None:
    """Upload again while the connection is away."""
    await _expiring(studio)
    address = studio.page.url
    await studio.page.goto("about:blank")
    await studio.expire()
    await studio.page.goto(address)
    await studio.form.open_window()
    studio.proxy.cut(stay_closed=True)
    await expect(studio.form.window).to_have_attribute("data-connection", "reconnecting")
    await studio.form.window.get_by_role("button", name="Upload again").click()
    await expect(studio.form.window).to_contain_text("wait to be uploaded again")
    await expect(studio.form.window.locator(".mf-banner", has_text="Nothing is lost")).to_be_visible()
    await studio.shoot("window-waiting")
    await studio.form.close_window()
    await studio.shoot("form-waiting")
    studio.proxy.mend()
    await studio.form.stored(3, studio.form.inline)


async def refused_change(studio: Studio) -> None:
    """An image was moved into a variant that another tab removed meanwhile; the form page with refused rows."""
    await studio.fresh()
    await studio.form.close_window()
    await studio.page.locator("[data-variant-add]").click()
    await studio.page.locator("[data-variant-label]").fill("Red")
    await studio.form.stored_files(studio.photos["mug-front.jpg"])
    other = ProductForm(await studio.page.context.new_page(), studio.server.url)
    await other.page.goto(studio.page.url.replace(studio.proxy.url, studio.server.url))
    await expect(other.page.locator("[data-variant-label]")).to_have_value("Red")
    studio.proxy.cut(stay_closed=True)
    await expect(studio.form.window).to_have_attribute("data-connection", "reconnecting")
    await studio.form.menu("mug-front.jpg", "Red")
    await other.page.locator("[data-variant-remove]").click()
    await expect(other.page.locator("[data-variant-label]")).to_have_count(0)
    await expect(other.inline).to_have_attribute("data-connection", "live")
    await other.page.close()
    studio.proxy.mend()
    await expect(studio.form.window).to_contain_text("1 change was not made")
    await studio.shoot("window-refused-change")
    await studio.form.close_window()
    await studio.shoot("form-refused-change")


async def _expiring(studio: Studio) -> None:
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg", "lamp.jpg")
    assert (await form.send_by_http("vase.jpg", studio.photos["vase.jpg"].read_bytes())).ok
    await form.stored(4)
    await expect_kept(studio.page, 3, form.draft)


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


async def committed(studio: Studio) -> None:
    """The product was saved in another tab."""
    form = await studio.fresh("mug-front.jpg")
    other = ProductForm(await studio.page.context.new_page(), studio.proxy.url)
    await other.page.goto(studio.page.url)
    await other.stored(1, other.inline)
    await other.fill(title="Enamel mug", sku=uuid4().hex[:8], price="12.50")
    await other.save()
    await other.saved()
    await other.page.close()
    await expect(form.window).to_have_attribute("data-connection", "committed")
    await studio.shoot("window-committed")


SCENES: list[Callable[[Studio], Awaitable[None]]] = [
    pages,
    empty,
    uploading,
    offline,
    limited,
    no_room,
    expired,
    no_draft,
    waiting,
    tray,
    refused,
    refused_change,
    committed,
]
