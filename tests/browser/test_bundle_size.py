"""How much JavaScript a page costs: bytes on the wire, counted by the browser itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Request, expect

from tests.support.browser.window import ProductForm, fill_in_sign_in
from tests.support.servers.server import Server

BUDGET_BYTES = 40_000
"""How it is kept: docs/decisions/0012-modules-are-joined-when-published.md."""


class Scale:
    """Weighs the JavaScript that a tab loads."""

    def __init__(self, page: Page) -> None:
        self._requests: list[Request] = []
        page.on("requestfinished", self._seen)

    def _seen(self, request: Request) -> None:
        if request.resource_type == "script":
            self._requests.append(request)

    async def read(self) -> dict[str, int]:
        """Bytes of each script since then, as they came; what the next page has from the browser's cache cost once."""
        sizes = [(Path(asked.url).name, (await asked.sizes())["responseBodySize"]) for asked in self._requests]
        return {name: size for name, size in sizes if size > 0}


@pytest.mark.timeout(120)
async def test_the_main_job_costs_no_more_than_its_budget_of_javascript(
    context: BrowserContext, server: Server, photos: Callable[..., list[Path]], capsys: pytest.CaptureFixture[str]
):
    page = await context.new_page()
    scale = Scale(page)
    await page.goto(f"{server.url}/accounts/login/")
    await fill_in_sign_in(page)
    await page.wait_for_url("**/marketing/")
    form = await ProductForm(page, server.url).create()
    await expect(form.inline).to_have_attribute("data-connection", "live")
    await form.page.wait_for_load_state("networkidle")
    opened = await scale.read()

    await form.stored_files(*photos(1, 2, 3))
    await form.drag(form.card("3.jpg"), form.card("1.jpg"))
    await form.expect_names("3.jpg", "1.jpg", "2.jpg")
    await form.card("2.jpg").get_by_role("button", name="Remove").click()
    await expect(form.cards(state="removed")).to_have_count(1)
    await form.close_window()
    await form.fill(title="Mug", sku="weighed", price="1")
    await form.save()
    await form.saved()

    job = await scale.read()
    with capsys.disabled():
        print(f"\nJavaScript: opening the page {sum(opened.values()):,}, the main job {sum(job.values()):,}, ", end="")
        print(f"all there is {everything(server):,} bytes, compressed\n{job}")
    assert sum(job.values()) < BUDGET_BYTES
    assert len(opened) > 1


def everything(server: Server) -> int:
    """Compressed bytes of all modules that are published, loaded or not."""
    root = server.var / "static"
    paths: dict[str, str] = json.loads((root / "staticfiles.json").read_text())["paths"]
    files = [root / path for path in paths.values() if path.endswith(".js")]
    compressed = [path.with_name(f"{path.name}.gz") for path in files]
    # What does not get smaller is not compressed.
    return sum(
        (small if small.exists() else path).stat().st_size for small, path in zip(compressed, files, strict=True)
    )
