"""The studio: a real server, a real browser, images to upload, and the looks in which they are shown."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Browser, Page, async_playwright

from erp.launch.bootstrap import ROOT
from tests.support.browser.window import ProductForm, launch, sign_in
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for


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
PICTURES = ROOT / "erp" / "demo" / "pictures"
SLOW = 400_000
"""Bytes per second: slow enough to be seen uploading."""
CRAWL = 20_000
"""Bytes per second: an upload lasts for the rest of a scene."""

SHOWN = """() => [...document.images].every((image) => image.complete || !image.checkVisibility()
  || image.getBoundingClientRect().top > innerHeight || image.getBoundingClientRect().bottom < 0)"""
"""Whether every visible image has loaded; lazy ones load once visible."""


class Studio:
    """A page in one look, the images to upload, the server and the network in between."""

    def __init__(self, page: Page, server: Server, proxy: Proxy, photos: dict[str, Path], folder: Path) -> None:
        self.page, self.server, self.proxy, self.photos, self._folder = page, server, proxy, photos, folder
        self.form = ProductForm(page, proxy.url)
        self._last = ""

    async def shoot(self, name: str, *, full: bool = False) -> None:
        """Take the screenshot `name` once fonts, images and animations have settled; `full`: the whole page."""
        await self.page.evaluate("() => document.fonts.ready")
        seen = self.page.viewport_size
        if full and seen:
            # A viewport as high as the page, because what sticks to its lower edge would appear in the middle of the
            # image.
            height = max(seen["height"], await self.page.evaluate("document.documentElement.scrollHeight"))
            await self.page.set_viewport_size({"width": seen["width"], "height": height})
        await self.page.wait_for_function(SHOWN)
        self._folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=self._folder / f"{name}.png", animations="disabled")
        if full and seen:
            await self.page.set_viewport_size(seen)

    async def discard_drafts(self) -> None:
        """Discard the drafts of earlier scenes: a user may have 20, and the list of products shows each."""
        cookies = {cookie["name"]: cookie["value"] for cookie in await self.page.context.cookies()}
        for (draft,) in self.server.query("SELECT id FROM draft_uploads_draft WHERE state IN ('open', 'grace')"):
            await self.page.context.request.post(
                f"{self.proxy.url}/marketing/api/cleanup_temp_files/",
                form={"draft": str(draft)},
                headers={"X-CSRFToken": cookies["csrftoken"], "Referer": self.proxy.url},
            )

    async def halfway(self) -> None:
        """Wait until a file in the dialog is really uploading."""
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

    @asynccontextmanager
    async def colleague(self) -> AsyncIterator[ProductForm]:
        """Another user with her own browser."""
        browser = self.page.context.browser
        assert browser is not None
        context = await browser.new_context()
        yield ProductForm(await sign_in(context, self.server.url, "sam"), self.server.url)
        await context.close()

    async def fresh(self, *names: str, connection: str = "live") -> ProductForm:
        """Open a Create page whose dialog is open and has the named images, stored."""
        self.proxy.bytes_per_second = None
        await self.discard_drafts()
        await self.form.create()
        self._last = self.form.draft
        await self.form.open_window(connection)
        if names:
            await self.form.add([self.photos[name] for name in names])
            await self.form.stored(len(names))
        return self.form


@asynccontextmanager
async def studios(looks: list[Look], folder: Path) -> AsyncIterator[AsyncIterator[Studio]]:
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
        studio = Studio(page, server, proxy, photos, folder / look.name)
        yield studio
        await studio.discard_drafts()
        await context.close()


def _photos(folder: Path) -> dict[str, Path]:
    taken_from = {
        "mug-front.jpg": "mug-front.jpg",
        "mug-left.jpg": "mug-left.jpg",
        "lamp.jpg": "lamp-sand.jpg",
        "vase.jpg": "vase.jpg",
        "set-terracotta.jpg": "lamp-rust.jpg",
        "red-front.jpg": "mug-rust.jpg",
        "red-side.jpg": "mug-rust-left.jpg",
    }
    made = {}
    for name, source in taken_from.items():
        made[name] = folder / name
        # Cameras write megabytes; padding after the end of the image is ignored by decoders.
        content = (PICTURES / source).read_bytes()
        made[name].write_bytes(content + b"\0" * (2_600_000 + 310_000 * len(made)))
    made["detail.jpg"] = folder / "detail.jpg"
    made["detail.jpg"].write_bytes(made["lamp.jpg"].read_bytes()[:10_000])
    return made
