"""Saving while the network is down: the page stays, saves when it can, and never shows the browser's error page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Locator, Request, expect

from tests.support.browser.window import ProductForm, new_product, shown_images
from tests.support.servers.proxy import Proxy
from tests.support.servers.server import Server, wait_for

Photos = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """A server with a short request timeout."""
    return shared_server(UPLOADS_GRACE_SECONDS="4", UPLOADS_GRACE_SECONDS_LOST="600")


@pytest.fixture(scope="module")
def hasty(shared_server: Callable[..., Server]) -> Server:
    """A server with a short request timeout, whatever happened to the network."""
    return shared_server(UPLOADS_GRACE_SECONDS="4")


def products(server: Server, sku: str) -> int:
    return int(server.query("SELECT COUNT(*) FROM marketing_product WHERE sku = ?", sku)[0][0])


def held(form: ProductForm) -> Locator:
    return form.page.get_by_role("dialog", name="You're offline.")


async def filled(form: ProductForm, photos: list[Path]) -> str:
    """Fill in a valid product; return its SKU."""
    sku = uuid4().hex[:10]
    await form.add(photos)
    await form.stored(len(photos), form.inline)
    await form.fill(title="Offline mug", sku=sku, price="1")
    return sku


async def test_u83_a_save_without_a_network_waits_for_it(
    server: Server, context: BrowserContext, form: ProductForm, photos: Photos
):
    sku = await filled(form, photos(1, 2))
    address = form.page.url
    await context.set_offline(True)
    await form.page.locator("#save").dblclick()
    await expect(held(form)).to_contain_text("We'll save when you're back.")
    assert form.page.url == address
    await context.set_offline(False)
    await form.saved()
    await form.page.wait_for_load_state("load")

    assert len(await shown_images(form.page)) == 2
    assert products(server, sku) == 1


async def test_u83_a_cancelled_save_is_not_made_later(
    server: Server, context: BrowserContext, form: ProductForm, photos: Photos
):
    sku = await filled(form, photos(1))
    await context.set_offline(True)
    await form.save()
    await held(form).get_by_role("button", name="Cancel").click()
    await form.fill(title="Changed my mind")
    await context.set_offline(False)
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await form.page.locator("[data-variant-add]").click()
    await expect(form.page.locator("[name=title]")).to_have_value("Changed my mind")
    assert products(server, sku) == 0
    await form.page.locator("[data-variant-label]").fill("Red")
    await form.save()
    await form.saved()

    assert products(server, sku) == 1


async def test_u83_an_answer_that_was_lost_saves_once_and_leads_to_the_product(
    server: Server, context: BrowserContext, photos: Photos
):
    """The network fails at the worst moment: the product is saved, and the page never gets the response."""
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        sku = await filled(form, photos(1))
        lost: list[str] = []

        async def lose(route, request: Request) -> None:
            if request.method == "POST" and not lost:
                lost.append(request.url)
                await route.fetch()
                await route.abort("connectionreset")
            else:
                await route.continue_()

        await form.page.route("**/product_create/**", lose)
        await form.save()
        await form.saved()

    assert len(lost) == 1
    assert products(server, sku) == 1


async def test_u83_a_server_that_is_away_is_waited_for(server: Server, context: BrowserContext, photos: Photos):
    with Proxy(server.port) as proxy:
        form = await new_product(context, proxy.url)
        sku = await filled(form, photos(1))
        proxy.cut(stay_closed=True)
        await form.save()
        waiting = form.page.get_by_role("dialog", name="The server isn't answering.")
        await expect(waiting).to_contain_text("We'll keep trying to save.")
        proxy.mend()
        await form.saved()

    assert products(server, sku) == 1


async def test_u83_a_form_that_is_not_right_comes_back_after_the_wait(
    server: Server, context: BrowserContext, form: ProductForm, photos: Photos
):
    sku = await filled(form, photos(1))
    await form.fill(price="a lot")
    await context.set_offline(True)
    await form.save()
    await expect(held(form)).to_be_visible()
    await context.set_offline(False)
    await expect(form.page.locator("#id_price_error")).to_be_visible()
    await form.stored(1, form.inline)
    await form.fill(price="2")
    await form.save()
    await form.saved()
    await form.page.go_back()
    await form.page.wait_for_load_state("load")
    await form.page.reload()
    await form.saved()

    assert products(server, sku) == 1


async def test_u83_images_that_expired_meanwhile_are_asked_about(
    hasty: Server, context: BrowserContext, photos: Photos
):
    with Proxy(hasty.port) as proxy:
        form = await new_product(context, proxy.url)
        sku = await filled(form, photos(1, 2))
        old = form.draft
        await context.set_offline(True)
        proxy.cut(stay_closed=True)
        await form.save()
        await expect(held(form)).to_be_visible()
        await asyncio.to_thread(wait_for, lambda: hasty.draft_state(old) == "expired", 60)
        proxy.mend()
        await context.set_offline(False)
        question = form.page.get_by_role("dialog", name="Not saved: the images expired while you were offline.")
        await expect(question).to_contain_text("Your text is still here.")
        assert products(hasty, sku) == 0
        await question.get_by_role("button", name="Restore images").click()
        await expect(form.page.locator("manage-files")).not_to_have_attribute("data-draft", old)
        await form.stored(2, form.inline)
        await form.save()
        await form.saved()
        await form.page.wait_for_load_state("load")

        assert len(await shown_images(form.page)) == 2
        assert products(hasty, sku) == 1
