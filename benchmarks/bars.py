"""The bars that benchmarks have to reach, printed in one format."""

from __future__ import annotations

from typing import NamedTuple

MEGABYTE = 1_000_000


class Bar(NamedTuple):
    """One bar, and what was measured."""

    promise: str
    measured: str
    held: bool


def all_held(bars: list[Bar]) -> bool:
    """Print every bar and whether it held; return True if all did."""
    for bar in bars:
        print(f"{'ok    ' if bar.held else 'MISSED'} {bar.promise}: {bar.measured}")
    return all(bar.held for bar in bars)


def megabytes(size: int) -> str:
    """Format `size` in bytes for people."""
    return f"{size / MEGABYTE:.1f} MB"
