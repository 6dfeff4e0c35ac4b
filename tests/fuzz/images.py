"""Randomly changed images of the corpus: each gets a result of the catalogue in time, and no error is uncaught.

What is accepted is accepted again as stored: with the same kind, size and bytes.
"""

from __future__ import annotations

import tempfile
import time
from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz.report import Report
from tests.support.corpus.case import MAX_PIXELS
from tests.support.corpus.images import CASES
from tests.support.corpus.measured import Outcome, measured
from tests.support.corpus.mutations import damaged_png, mutated
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.checker import ImageFacts
from uploads.images.child_process import Child, ChildDied

MAX_SEED_BYTES = 200_000
"""Larger ones are no better as a start."""
LIMITS = ImageLimits()


def fuzz(seed: int, count: int) -> Report:
    """Check `count` images, one child after the other, as the server does."""
    report, child = Report(), Child()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            case = f"images --seed {seed + number} --count 1"
            content = image(seed + number)
            began = time.monotonic()
            try:
                answer, problem = _answer(child, Path(folder), content)
            except ChildDied:
                # A decoder that crashes ends its child and the image is refused, which is the purpose of the child.
                answer, problem, child = "died", None, Child()
            report.note(answer, time.monotonic() - began, case)
            if problem:
                report.findings.append(f"{case}: {problem}")
            if not child.is_alive:
                child = Child()
    child.end()
    return report


def image(seed: int) -> bytes:
    """Return the image made from a seed."""
    random = Random(seed)  # noqa: S311 - no secret
    if random.random() < 0.1:
        return damaged_png(random)[1]
    # A change to an image that is refused anyway rarely reaches a decoder.
    return mutated(random, random.choice(_seeds(taken=random.random() < 0.8)))


@cache
def _seeds(*, taken: bool) -> list[bytes]:
    chosen = [case for case in CASES if taken != bool(case.codes) and not case.id.startswith("bomb-png-zeros")]
    return [content for case in chosen if len(content := case.build()) <= MAX_SEED_BYTES]


def _answer(child: Child, folder: Path, content: bytes) -> tuple[str, str | None]:
    """Return the result for an image, and what is wrong with it."""
    path, clean, again = folder / "image", folder / "clean", folder / "again"
    path.write_bytes(content)
    verdict = _verdict(child, path, clean)
    match verdict:
        case Code():
            return verdict, None
        case str():
            return "error", verdict
    stored = _verdict(child, clean, again)
    # The stored copy has no capture time or orientation any more, because it is upright.
    if not isinstance(stored, ImageFacts) or (stored.width, stored.height) != (verdict.width, verdict.height):
        return "taken", f"{verdict} is stored as something else: {stored}"
    if again.read_bytes() != clean.read_bytes():
        return "taken", f"{verdict} is stored with something that had to go"
    return "taken", None


def _verdict(child: Child, path: Path, clean: Path) -> ImageFacts | Code | str:
    outcome = child.run(measured, (str(path), MAX_PIXELS, str(clean), LIMITS), LIMITS)
    return outcome.verdict if isinstance(outcome, Outcome) else Code(outcome)
