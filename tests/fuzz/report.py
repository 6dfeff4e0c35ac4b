"""What a run of cases found."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

MAX_CASE_SECONDS = 10.0
"""Longer than this is an error of its own, whatever comes of the case."""


class Report(Struct):
    """How cases ended, how long the slowest took, and what must not have happened, each with how to make it again."""

    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    findings: list[str] = field(default_factory=list)

    def note(self, answer: str, seconds: float, case: str) -> None:
        """A case got `answer` after `seconds`."""
        self.answers[answer] += 1
        self.slowest = max(self.slowest, seconds)
        if seconds > MAX_CASE_SECONDS:
            self.findings.append(f"{case}: {answer} only after {seconds:.1f} s")
