"""What holds in every state: a strict policy, reduced motion, forced colours, and no meaning by colour alone."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.async_api import Browser, expect

from tests.support.browser.window import ProductForm, new_product, profile, sign_in
from tests.support.images.pictures import picture
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server

Photos = Callable[..., list[Path]]
BREACHES = """
window.breaches = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  breaches.push(`${violatedDirective} ${blockedURI}`));
"""
"""An init script that logs violations of the content security policy."""
WORDLESS = """() => [...document.querySelectorAll("dialog .mf-card")]
  .filter((card) => !card.querySelector(".mf-card-words").textContent.trim())
  .filter((card) => !card.querySelector(".mf-card-status svg"))
  .map((card) => card.dataset.state)"""
"""The states of cards that show neither text nor a symbol."""
MOVING = """() => document.getAnimations().filter(({ effect }) => effect.getComputedTiming().activeDuration > 1)
  .map((animation) => animation.animationName ?? animation.transitionProperty)"""
"""Animations and transitions that run for longer than a moment."""


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


async def test_u50_the_main_job_breaks_no_strict_policy(server: Server, browser: Browser, photos: Photos):
    async with profile(browser) as context:
        page = await sign_in(context, server.url)
        await page.add_init_script(BREACHES)
        form = ProductForm(page, server.url)
        answer = await page.goto(f"{server.url}/marketing/product_create/?new=1")
        assert answer is not None
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        await form.stored_files(*photos(1, 2))
        await form.drag(form.card("2.jpg"), form.card("1.jpg"))
        await form.expect_names("2.jpg", "1.jpg")
        await form.card("1.jpg").get_by_role("button", name="Remove").click()
        await form.close_window()
        await form.fill(title="Strict mug", sku="STRICT-1", price="1")
        breaches = await page.evaluate("breaches")
        await form.save()
        await form.saved()
        breaches += await page.evaluate("breaches")

    assert breaches == []
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' blob:"


async def test_u53_less_motion_is_none(server: Server, browser: Browser, photos: Photos):
    async with profile(browser, reduced_motion="reduce") as context:
        form = await new_product(context, server.url)
        seen = []
        await form.open_window()
        seen += await form.page.evaluate(MOVING)
        await form.add(photos(1, 2))
        seen += await form.page.evaluate(MOVING)
        await form.stored(2)
        seen += await form.page.evaluate(MOVING)
        await form.drag(form.card("2.jpg"), form.card("1.jpg"))
        seen += await form.page.evaluate(MOVING)
        await form.card("1.jpg").get_by_role("button", name="More").click()
        seen += await form.page.evaluate(MOVING)

    assert seen == []


async def test_u53_with_forced_colours_edges_and_progress_stay(server: Server, browser: Browser, big: Path):
    async with profile(browser, forced_colors="active") as context:
        with Proxy(server.port) as proxy:
            form = await new_product(context, proxy.url)
            await form.open_window()
            proxy.hold_uploads(after=1_500_000)
            await form.add([big])
            await expect(form.cards(state="uploading")).to_have_count(1)
            bar = form.card("big.jpg").locator("progress")
            await expect(bar).to_be_visible()
            await form.page.wait_for_function("() => document.querySelector('dialog progress.mf-card-bar').value > 0.3")
            edge = await form.card("big.jpg").evaluate("(card) => getComputedStyle(card).borderTopStyle")
            shot = Image.open(BytesIO(await bar.screenshot()))

    done, to_do = (
        ImageStat.Stat(shot.crop((x, shot.height // 2, x + 2, shot.height // 2 + 1))).mean for x in (4, shot.width - 6)
    )
    assert edge == "solid"
    assert max(abs(one - other) for one, other in zip(done, to_do, strict=True)) > 60


async def test_u57_every_state_has_words_or_a_symbol(server: Server, browser: Browser, photos: Photos, tmp_path: Path):
    (tmp_path / "half.jpg").write_bytes(picture()[:-500])
    (tmp_path / "big.jpg").write_bytes(picture() + bytes(4_000_000))
    seen: dict[str, list[str]] = {}
    async with profile(browser) as context:
        with Proxy(server.port) as proxy:
            form = await new_product(context, proxy.url)
            await form.open_window()
            await form.add([*photos(1, 2), tmp_path / "half.jpg"])
            await form.stored(2)
            await expect(form.cards(state="failed")).to_have_count(1)
            await form.card("2.jpg").get_by_role("button", name="Remove").click()
            await expect(form.cards(state="removed")).to_have_count(1)
            proxy.hold_uploads()
            await form.add([tmp_path / "big.jpg"])
            await expect(form.cards(state="uploading")).to_have_count(1)
            seen["at work"] = await form.page.evaluate(WORDLESS)
            proxy.cut(stay_closed=True)
            await expect(form.window).to_have_attribute("data-connection", "reconnecting")
            await expect(form.cards(state="uploading")).to_have_count(0)
            seen["disconnected"] = await form.page.evaluate(WORDLESS)

    assert seen == {"at work": [], "disconnected": []}
