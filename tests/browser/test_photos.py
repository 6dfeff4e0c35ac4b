"""The requirement: twenty camera photos dropped at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext

from tests.support.browser.window import new_product
from tests.support.images.pictures import photo
from tests.support.servers.server import Server

LONGEST_TASK_MS = 200
MEMORY_GROWTH_BYTES = 150_000_000

WATCH_LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask", buffered: true });
"""


@pytest.mark.timed
@pytest.mark.timeout(180)
async def test_twenty_photos_dropped_at_once(
    make_server: Callable[..., Server], context: BrowserContext, tmp_path: Path
):
    server = make_server()
    await context.add_init_script(WATCH_LONG_TASKS)
    paths = [tmp_path / f"photo-{number:02}.jpg" for number in range(20)]
    for number, path in enumerate(paths):
        path.write_bytes(photo(3 + number % 6, seed=number))
    form = await new_product(context, server.url)
    window = await form.open_window()
    before = server.memory_bytes()
    await form.page.evaluate("window.longTasks.length = 0")
    await form.drop(window, paths)
    await form.stored(20)
    longest = max([0, *await form.page.evaluate("window.longTasks")])

    assert await form.names() == [path.name for path in paths]
    assert len(server.temp_images()) == 20
    assert longest <= LONGEST_TASK_MS
    assert server.memory_bytes() - before < MEMORY_GROWTH_BYTES
