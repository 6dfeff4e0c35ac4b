"""The findings of a run."""

from __future__ import annotations

import os
from collections import Counter

from msgspec import Struct, field

from tests.support.wire.raw_socket import resident_bytes

MAX_CASE_SECONDS = 10.0
"""A case that takes longer is a finding, whatever its result."""
MAX_GROWN_MB = 64
"""How much the process may grow during a run, once it is warm."""
WARM = 1_000


class Report(Struct):
    """How cases ended, how long the slowest took, and all findings, each with how to reproduce it."""

    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    findings: list[str] = field(default_factory=list)
    warm_bytes: int = 0
    """The memory of the process after `WARM` cases; 0 before that."""

    def note(self, answer: str, seconds: float, case: str) -> None:
        """Record that a case got `answer` after `seconds`."""
        self.answers[answer] += 1
        self.slowest = max(self.slowest, seconds)
        if seconds > MAX_CASE_SECONDS:
            self.findings.append(f"{case}: {answer} only after {seconds:.1f} s")
        if not self.warm_bytes and self.answers.total() == WARM:
            self.warm_bytes = resident_bytes(os.getpid())

    def grown_mb(self) -> float:
        """Return how much the process has grown since it was warm; excessive growth is a finding."""
        grown = (resident_bytes(os.getpid()) - self.warm_bytes) / 1_000_000 if self.warm_bytes else 0.0
        if grown > MAX_GROWN_MB:
            self.findings.append(f"the process grew by {grown:.0f} MB")
        return grown
