"""What a benchmark has to reach, said in the same form by all of them."""

from __future__ import annotations

from typing import NamedTuple

MEGABYTE = 1_000_000


class Bar(NamedTuple):
    """One promise and what was measured of it."""

    promise: str
    measured: str
    held: bool


def all_held(bars: list[Bar]) -> bool:
    """Print every bar and whether it held; True when all did."""
    for bar in bars:
        print(f"{'ok    ' if bar.held else 'MISSED'} {bar.promise}: {bar.measured}")
    return all(bar.held for bar in bars)


def megabytes(size: int) -> str:
    """`size` in bytes for people."""
    return f"{size / MEGABYTE:.1f} MB"
