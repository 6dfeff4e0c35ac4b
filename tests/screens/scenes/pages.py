"""The ERP's pages."""

from __future__ import annotations

from tests.screens.studio import Studio


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
