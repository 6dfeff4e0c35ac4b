"""The ways in which files are added, and what is asked and offered meanwhile."""

from __future__ import annotations

from playwright.async_api import expect

from tests.screens.studio import Studio


async def repeated(studio: Studio) -> None:
    """Duplicates, and a file held over the card it would replace."""
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg", "lamp.jpg")
    await form.add([studio.photos["mug-left.jpg"], studio.photos["lamp.jpg"]])
    await expect(form.window.get_by_role("group", name="already")).to_be_visible()
    await studio.shoot("window-repeated")
    await form.window.get_by_role("button", name="Skip all").click()
    await form.hold(form.card("mug-left.jpg"), [studio.photos["vase.jpg"]])
    await studio.shoot("window-replace")
    await form.leave_with_files()


async def shrunk(studio: Studio) -> None:
    """A file that is too large, and its smaller copy."""
    form = await studio.fresh("mug-front.jpg")
    large = studio.photos["lamp.jpg"].with_name("huge.jpg")
    large.write_bytes(studio.photos["lamp.jpg"].read_bytes() + bytes(19_000_000))
    await form.add([large])
    await expect(form.window.get_by_role("button", name="Upload a smaller copy")).to_be_visible()
    await studio.shoot("window-too-large")
    await form.window.get_by_role("button", name="Upload a smaller copy").click()
    await form.stored(2)
    await studio.shoot("window-smaller-copy")


async def failed(studio: Studio) -> None:
    """The server cannot accept files: automatic retries, then it is the user's turn."""
    await studio.page.clock.install()
    form = await studio.fresh("mug-front.jpg")
    spool = studio.server.var / "spool"
    spool.rename(aside := spool.with_name("aside"))
    spool.write_text("no folder")
    await form.add([studio.photos["lamp.jpg"], studio.photos["vase.jpg"]])
    for attempt in range(1, 6):
        await expect(form.cards().filter(has_text=f"({attempt} of 5)")).to_have_count(2)
        if attempt == 1:
            await studio.shoot("window-retrying")
        await studio.page.clock.fast_forward(16_000)
    await expect(form.cards(state="failed")).to_have_count(2)
    await studio.shoot("window-failed")
    spool.unlink()
    aside.rename(spool)
