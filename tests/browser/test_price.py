"""The price: typed in the format of the reader's language, and changed by nothing but typing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.support.browser.window import ProductForm
from tests.support.servers.server import Server


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    """One server for all of them."""
    return shared_server()


async def test_u78_the_wheel_and_the_arrows_never_change_a_price(form: ProductForm):
    price = form.page.locator("[name=price]")
    await form.fill(price="12.50")
    await price.hover()
    await form.page.mouse.wheel(0, 400)
    await form.page.mouse.wheel(0, -900)
    for key in ("ArrowUp", "ArrowDown", "PageUp"):
        await form.page.keyboard.press(key)

    await expect(price).to_be_focused()
    await expect(price).to_have_value("12.50")
    await expect(price).to_have_attribute("inputmode", "decimal")


async def test_u78_a_price_is_typed_as_its_language_writes_it(server: Server, form: ProductForm):
    await form.page.locator("details.language summary").click()
    await form.page.get_by_role("button", name="Deutsch").click()
    sku = uuid4().hex[:10]
    await form.fill(title="Becher", sku=sku, price="1,234")
    await form.save()
    fault = form.page.locator("#id_price_error")
    await expect(fault).to_have_text("„1,234“ ist nicht eindeutig. Ohne Tausendertrennzeichen eingeben: 1234,00.")
    await expect(form.page.locator("[name=price]")).to_have_value("1,234")

    await form.fill(price="1.234,50")
    await form.save()
    await form.saved()

    assert str(server.query(f"SELECT price FROM marketing_product WHERE sku = '{sku}'")[0][0]) == "1234.5"  # noqa: S608
    await form.page.goto(f"{form.page.url}edit/")
    await expect(form.page.locator("[name=price]")).to_have_value("1234,50")
