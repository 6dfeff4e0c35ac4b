"""How many rounds a counted test runs: a part in the suite, all of them in the soak, more by night."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Counted = Callable[[int, int], int]
"""The `counted` function of this run."""


def add_options(parser: pytest.Parser) -> None:
    """Add `--full-counts` and `--times`."""
    parser.addoption("--full-counts", action="store_true", help="run only what is counted, in full: hours")
    parser.addoption("--times", type=int, default=1, help="with --full-counts: so many times all of it")


def counted(config: pytest.Config, part: int, full: int) -> int:
    """Return `part`, or with `--full-counts` `full` times `--times`."""
    if not config.getoption("--full-counts"):
        return part
    times: int = config.getoption("--times")
    return full * times


def extent(config: pytest.Config) -> str:
    """Return a report line that says which share of the rounds this run does."""
    if config.getoption("--full-counts"):
        return "All rounds."
    return "A fixed share of the rounds, the same in every run: of each count its first seeds. All: --full-counts."
