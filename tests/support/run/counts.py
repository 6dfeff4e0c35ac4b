"""How often a counted test does what it counts: a part in the suite, all of it in the soak, more by night."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Counted = Callable[[int, int], int]
"""`counted` for the run that is under way."""


def add_options(parser: pytest.Parser) -> None:
    """`--full-counts` and `--times`."""
    parser.addoption("--full-counts", action="store_true", help="run only what is counted, in full: hours")
    parser.addoption("--times", type=int, default=1, help="with --full-counts: so many times all of it")


def counted(config: pytest.Config, part: int, full: int) -> int:
    """`part`; with `--full-counts` `full`, as many times as `--times` says."""
    if not config.getoption("--full-counts"):
        return part
    times: int = config.getoption("--times")
    return full * times


def extent(config: pytest.Config) -> str:
    """Which share of the counted tests this run does, in a line for its report."""
    if config.getoption("--full-counts"):
        return "All rounds."
    return "A fixed share of the rounds, the same in every run: of each count its first seeds. All: --full-counts."
