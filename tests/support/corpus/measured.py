"""Decode an image in a child and report the cost. No Django here, because the child imports it."""

from __future__ import annotations

import time
import traceback
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images import checker
from uploads.images.checker import ImageFacts


class Outcome(Struct, frozen=True):
    """The result of an image: its facts, a code, or the text of an uncaught error."""

    verdict: ImageFacts | Code | str
    seconds: float
    grown_mb: float


def measured(path: str, max_pixels: int, clean: str, limits: ImageLimits) -> Outcome:
    """Run in a child."""
    digest = sha256(Path(path).read_bytes()).hexdigest()
    before, began = _peak_mb(afresh=True), time.monotonic()
    try:
        verdict: ImageFacts | Code | str = checker._decode(path, digest, max_pixels, clean, limits)
    except Exception:  # noqa: BLE001 - that is what is looked for
        verdict = traceback.format_exc()
    return Outcome(verdict, time.monotonic() - began, _peak_mb() - before)


def _peak_mb(*, afresh: bool = False) -> float:
    """Return this process's peak memory, since the last call with `afresh`."""
    if afresh:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1000
