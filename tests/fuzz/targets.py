"""The targets of fuzzing. A target is a function: add it here, and `python3 -m tests fuzz NAME` runs it."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import frames, http_requests, images, json_commands
from tests.fuzz.report import Report

Target = Callable[[int, int], Report]
"""Run the given number of cases, made from the seed."""

TARGETS: dict[str, Target] = {
    "images": images.fuzz,
    "frames": frames.fuzz,
    "json": json_commands.fuzz,
    "http": http_requests.fuzz,
}
