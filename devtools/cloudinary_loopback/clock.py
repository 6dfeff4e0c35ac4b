"""The time of one cloud."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch; tests move it forward instead of waiting."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += seconds
