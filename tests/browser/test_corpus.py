"""Images of the corpus, dropped on one page: each card shows the expected result.

The suite tests one image per verdict and format, the soak tests all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.browser.window import new_product
from tests.support.corpus.doors import (
    CASES_OF,
    FIRST_OF,
    LIMITS,
    TAKEN,
    code_said,
    content_of,
    environment,
    expected,
    name_of,
)
from tests.support.run.counts import Counted
from tests.support.servers.server import Server
from uploads.core.errors import Code

SECONDS = 200
SHOWN = """
(cards) => Object.fromEntries(cards.map((card) => [
  card.querySelector(".mf-card-name").title,
  card.dataset.state === "failed" ? card.querySelector(".mf-card-words").textContent : card.dataset.state,
]))
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("limits", LIMITS)
async def test_every_card_shows_the_verdict_that_the_row_of_its_image_says(
    context: BrowserContext, make_server: Callable[..., Server], tmp_path: Path, limits: str, counted: Counted
):
    server, chosen = make_server(**environment(limits)), CASES_OF if counted(False, True) else FIRST_OF
    cases = {case.id: case for case in chosen[limits]}
    for case in cases.values():
        (tmp_path / name_of(case)).write_bytes(content_of(case))
    form = await new_product(context, server.url)
    window = await form.open_window()
    await form.drop(window, [tmp_path / name_of(case) for case in cases.values()])
    if limits == "as shipped":
        # Some are duplicates on purpose.
        await window.get_by_role("button", name="Keep all").click()
    # A file without bytes is named and has no card.
    empty = {name for name, case in cases.items() if expected(case) == {Code.EMPTY_FILE}}
    ended = window.locator("[data-file-id]:is([data-state=stored], [data-state=failed])")
    await expect(ended).to_have_count(len(cases) - len(empty), timeout=SECONDS * 1000)
    shown = await ended.evaluate_all(SHOWN)

    # The extension is that of the real type.
    verdicts = {
        name.rpartition(".")[0]: TAKEN if words == "stored" else code_said(words) for name, words in shown.items()
    }
    assert {name: said for name, said in verdicts.items() if said not in expected(cases[name])} == {}
    assert cases.keys() - verdicts.keys() == empty
    if empty:
        await expect(window.locator(".mf-problems li")).to_contain_text("are empty.")
    assert server.tracebacks() == []
