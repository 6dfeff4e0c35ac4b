"""What can be fuzzed. A target is a function: add it here, and `python3 -m tests fuzz NAME` runs it."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import frames, http_requests, images, json_commands
from tests.fuzz.report import Report

Target = Callable[[int, int], Report]
"""Tries as many cases as the second number says, made from the seed that is the first."""

TARGETS: dict[str, Target] = {
    "images": images.fuzz,
    "frames": frames.fuzz,
    "json": json_commands.fuzz,
    "http": http_requests.fuzz,
}
