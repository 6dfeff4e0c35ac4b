"""The dialog while something is wrong with the connection or the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

from playwright.async_api import Route, expect

from tests.screens.studio import CRAWL, SLOW, Studio


async def offline(studio: Studio) -> None:
    """The connection is lost during an upload; then the question of a save."""
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
    """The network blocks WebSockets: the dialog in use, and the form page."""
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
    """The browser has no space for copies: the dialog, and the form page."""
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


async def held(studio: Studio) -> None:
    """A save that waits for the network."""
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg")
    await form.close_window()
    await form.fill(title="Enamel mug", sku=uuid4().hex[:8], price="12.50")
    await studio.page.context.set_offline(True)
    await form.save()
    await expect(studio.page.get_by_role("dialog", name="You're offline.")).to_be_visible()
    await studio.shoot("save-held")
    await studio.page.get_by_role("button", name="Cancel").click()
    await studio.page.context.set_offline(False)


async def misconfigured(studio: Studio) -> None:
    """The problems that the server reports about itself."""
    studio.proxy.blocks_websockets = True
    for problem in ("origin_refused", "no_heartbeat"):
        await studio.page.route("**/diagnosis/**", _answering(problem))
        form = await studio.fresh("mug-front.jpg", connection="limited")
        await expect(form.window.locator(".mf-banner", has_text="Tell your administrator")).to_be_visible()
        await studio.shoot(f"window-{problem}")
        await studio.page.unroute("**/diagnosis/**")
    studio.proxy.blocks_websockets = False


def _answering(problem: str) -> Callable[[Route], Awaitable[None]]:
    async def answer(route: Route) -> None:
        await route.fulfill(json={"problem": problem})

    return answer
