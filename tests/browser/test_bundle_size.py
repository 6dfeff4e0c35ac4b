"""The cost of the dialog to a page: requests and bytes on the wire, measured by the browser."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, Request

from tests.support.browser.window import ProductForm, fill_in_sign_in
from tests.support.servers.server import Server

BUDGET_BYTES = 60_000
"""Limit for the whole dialog, however much of it is used."""


class Scale:
    """Measures the scripts and stylesheets of the dialog that a tab loads."""

    def __init__(self, page: Page) -> None:
        self._requests: list[Request] = []
        page.on("requestfinished", self._finished)

    def _finished(self, request: Request) -> None:
        is_hosts = "/static/erp/" in request.url
        if not is_hosts and (request.resource_type == "script" or "/static/uploads/" in request.url):
            self._requests.append(request)

    async def read(self) -> list[tuple[str, str | None, int]]:
        """Return the kind, content encoding and bytes on the wire of each request."""
        return [
            (
                asked.resource_type,
                await (await asked.response() or pytest.fail(asked.url)).header_value("content-encoding"),
                (await asked.sizes())["responseBodySize"],
            )
            for asked in self._requests
        ]


async def test_the_window_is_one_script_and_one_stylesheet_within_the_budget(
    context: BrowserContext, server: Server, capsys: pytest.CaptureFixture[str]
):
    page = await context.new_page()
    await page.goto(f"{server.url}/accounts/login/")
    await fill_in_sign_in(page)
    await page.wait_for_url("**/marketing/")
    scale = Scale(page)
    form = await ProductForm(page, server.url).create()
    await form.open_window()
    await form.page.wait_for_load_state("networkidle")

    loaded = await scale.read()
    with capsys.disabled():
        print(f"\nThe window on the wire: {loaded}")
    assert sorted((kind, encoding) for kind, encoding, _ in loaded) == [("script", "br"), ("stylesheet", "br")]
    assert sum(size for _, _, size in loaded) <= BUDGET_BYTES
