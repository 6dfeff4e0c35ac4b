"""The ERP's pages."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import expect

from tests.screens.studio import Studio
from tests.support.browser.window import ProductForm


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


async def unsaved(studio: Studio) -> None:
    """The list of products while one is being created and another edited, and the question before one is discarded."""
    await studio.fresh("mug-front.jpg", "mug-left.jpg")
    await studio.form.close_window()
    await studio.form.fill(title="Enamel mug with a handle on either side")
    editing = ProductForm(await studio.page.context.new_page(), studio.proxy.url)
    await editing.page.goto(f"{studio.proxy.url}/marketing/product/2/edit/")
    await editing.stored_files(studio.photos["lamp.jpg"])
    await studio.page.goto(f"{studio.proxy.url}/marketing/")
    await expect(studio.page.locator(".unsaved-one")).to_have_count(2)
    await studio.shoot("page-list-unsaved", full=True)
    await studio.page.locator(".unsaved-one").last.get_by_role("link", name="Discard").click()
    await studio.shoot("page-discard")
    await editing.close_window()
    await editing.page.locator("[data-cancel]").click()
    await editing.page.get_by_role("button", name="Discard", exact=True).click()
    await editing.page.wait_for_url("**/marketing/product/2/")
    await editing.page.close()


async def messages(studio: Studio) -> None:
    """The messages after a save: on the next empty form, and on the product that somebody else saved meanwhile."""
    await studio.fresh("mug-front.jpg")
    await studio.form.close_window()
    await studio.form.fill(title="Enamel mug", sku=uuid4().hex[:8], price="12.50")
    await studio.page.get_by_role("button", name="Create and add another").click()
    await expect(studio.page.locator(".notice.good")).to_be_visible()
    await studio.shoot("form-another", full=True)
    await studio.page.locator(".notice.good a").click()
    await studio.page.get_by_role("link", name="Edit").click()
    await studio.form.stored_files(studio.photos["mug-left.jpg"])
    await studio.form.close_window()
    async with studio.colleague() as theirs:
        await theirs.page.goto(studio.page.url.split("?")[0])
        await theirs.stored_files(studio.photos["lamp.jpg"])
        await theirs.close_window()
        await theirs.save()
        await theirs.saved()
    await studio.form.save()
    await studio.form.saved()
    await studio.shoot("page-detail-message", full=True)
