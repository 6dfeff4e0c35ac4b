"""Malformed images, judged by Chromium: what it does not show is refused, and damage it ignores is accepted."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from playwright.async_api import BrowserContext, Page

from tests.support.corpus.broken import BROKEN
from tests.support.corpus.case import Case
from tests.support.corpus.forgiven import FORGIVEN
from tests.support.corpus.mutations import DAMAGES, damaged_png
from tests.support.run.counts import Counted
from uploads.images import checker
from uploads.images.checker import ImageFacts

SHOWN = """
(images) => Promise.all(images.map(async (image) => {
  const element = new Image();
  element.src = "data:image/png;base64," + image;
  try {
    await element.decode();
  } catch {
    return false;
  }
  const canvas = new OffscreenCanvas(element.naturalWidth, element.naturalHeight).getContext("2d");
  canvas.drawImage(element, 0, 0);
  // The last row is there: behind what could be decoded all is transparent.
  const last = canvas.getImageData(0, element.naturalHeight - 1, element.naturalWidth, 1).data;
  return last.some((value) => value > 0) || "blank";
}))
"""
SEED = 20261130


async def test_a_damaged_png_is_taken_only_if_the_browser_shows_it(
    context: BrowserContext, tmp_path: Path, counted: Counted
):
    random = Random(SEED)  # noqa: S311 - no secret
    made = [damaged_png(random) for _ in range(counted(400, 10_000))]
    made += [(case.id, case.build()) for case in BROKEN if case.id.startswith("png-")]
    page = await context.new_page()
    shown = []
    for at in range(0, len(made), 50):
        part = [base64.b64encode(content).decode() for _, content in made[at : at + 50]]
        shown += await page.evaluate(SHOWN, part)
    taken = [is_taken(tmp_path, content) for _, content in made]

    wrong = [name for (name, _), ours, theirs in zip(made, taken, shown, strict=True) if ours and not theirs]
    assert wrong == []
    # Both accept and both refuse often enough to be meaningful.
    assert min(taken.count(True), taken.count(False), shown.count(False)) > len(DAMAGES) * 3


PIXELS = """
(sources) => Promise.all(sources.map(async (src) => {
  const image = Object.assign(new Image(), { src });
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
  canvas.drawImage(image, 0, 0);
  return [...canvas.getImageData(0, 0, image.naturalWidth, image.naturalHeight).data].join();
}))
"""


@pytest.mark.parametrize("claim", sorted({str(case.claim) for case in FORGIVEN}))
async def test_damage_that_the_browser_passes_over_is_stored_as_it_shows_it(
    context: BrowserContext, tmp_path: Path, claim: str
):
    cases = [case for case in FORGIVEN if case.claim == claim]
    page = await context.new_page()
    shown = await pixels(page, claim, [case.build() for case in cases])
    # After what could be decoded everything is transparent; none of these images ends there.
    assert [case.id for case, seen in zip(cases, shown, strict=True) if seen.endswith(",0")] == []
    stored = await pixels(page, claim, [copy_of(tmp_path, case) for case in cases])
    assert [case.id for case, was, now in zip(cases, shown, stored, strict=True) if was != now] == []


async def pixels(page: Page, content_type: str, images: list[bytes]) -> list[str]:
    start = f"data:{content_type};base64,"
    return [str(seen) for seen in await page.evaluate(PIXELS, [start + base64.b64encode(i).decode() for i in images])]


def copy_of(folder: Path, case: Case) -> bytes:
    assert is_taken(folder, case.build()), case.id
    return (folder / "clean").read_bytes()


def is_taken(folder: Path, content: bytes) -> bool:
    path = folder / "image"
    path.write_bytes(content)
    digest = sha256(content).hexdigest()
    return isinstance(checker._decode(str(path), digest, 10**8, str(folder / "clean")), ImageFacts)
