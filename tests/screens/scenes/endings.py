"""Drafts that expired or were saved elsewhere, and changes that came too late."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.async_api import expect

from tests.screens.studio import Studio
from tests.support.browser.file_cache import expect_kept
from tests.support.browser.window import ProductForm


async def expired(studio: Studio) -> None:
    """A draft that expired under an open dialog, and one to which a user returns; one of its images is lost."""
    await _expiring(studio)
    studio.proxy.cut(stay_closed=True)
    await studio.expire()
    studio.proxy.mend()
    await expect(studio.form.window).to_contain_text("can be restored from this browser", timeout=20_000)
    await studio.shoot("window-expired")
    await _expiring(studio)
    address = studio.page.url
    await studio.page.goto("about:blank")
    await studio.expire()
    await studio.page.goto(address)
    await expect(studio.form.inline).to_contain_text("can be restored from this browser")
    await studio.shoot("form-expired")
    await studio.form.open_window()
    await studio.shoot("window-offer")
    await studio.form.window.get_by_role("button", name="Restore images").click()
    await studio.form.stored(3)
    await studio.shoot("window-lost")


async def no_draft(studio: Studio) -> None:
    """*Upload again* without a network, then after a sign-out."""
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
    """*Upload again* while the connection is lost."""
    await _expiring(studio)
    address = studio.page.url
    await studio.page.goto("about:blank")
    await studio.expire()
    await studio.page.goto(address)
    await studio.form.open_window()
    studio.proxy.cut(stay_closed=True)
    await expect(studio.form.window).to_have_attribute("data-connection", "reconnecting")
    await studio.form.window.get_by_role("button", name="Restore images").click()
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


async def _expiring(studio: Studio) -> None:
    form = await studio.fresh("mug-front.jpg", "mug-left.jpg", "lamp.jpg")
    assert (await form.send_by_http("vase.jpg", studio.photos["vase.jpg"].read_bytes())).ok
    await form.stored(4)
    await expect_kept(studio.page, 3, form.draft)
