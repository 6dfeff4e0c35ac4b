"""What browsers cannot show is not accepted: PNGs malformed in every possible way, judged by Chromium."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from random import Random

from playwright.async_api import BrowserContext

from tests.support.corpus.broken import BROKEN
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


def is_taken(folder: Path, content: bytes) -> bool:
    path = folder / "image"
    path.write_bytes(content)
    digest = sha256(content).hexdigest()
    return isinstance(checker._decode(str(path), digest, "image/png", 10**8, str(folder / "clean")), ImageFacts)
