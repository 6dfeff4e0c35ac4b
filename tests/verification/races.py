"""Real threads that start together, each with a database connection of its own; and how often they do."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from tests.support.run.counts import Counted

PART = 30
"""Without `--full-counts` one round in so many is run."""
SQLITE = 500
"""The most rounds on SQLite: its one writer leaves less to go wrong."""
FIRST_STEP = 0.001
LAST_STEP = 0.0001


def race(*calls: Callable[[], Any], late: tuple[float, ...] = ()) -> list[Any]:
    """Run `calls` at the same moment, or as many seconds late as `late` says; return what each returned or raised."""
    barrier = Barrier(len(calls))
    never = threading.Event()

    def run(call: Callable[[], Any], seconds: float) -> Any:
        try:
            barrier.wait()
            if seconds:
                never.wait(seconds)
            return call()
        except Exception as error:  # noqa: BLE001 - the loser's exception is the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, late or (0,) * len(calls)))


class Races:
    """Rounds of two contenders, who won how often, and a start that keeps the race close.

    One contender usually has the shorter way. Whoever won starts later the next time, until the other
    wins: from there on both arrive within a fraction of a millisecond, where an error would be.
    """

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._full = self._todo = 0
        self._winners: Counter[str] = Counter()
        self._names: tuple[str, ...] = ()
        self._lead = 0.0
        self._step = FIRST_STEP
        self._last = ""

    def rounds(self, count: int) -> range:
        """The rounds to run, where `count` is the full number of them on PostgreSQL."""
        self._full = count if connection.vendor == "postgresql" else min(count, SQLITE)
        self._todo = self._counted(self._full // PART, self._full)
        return range(self._todo)

    def race(self, **contenders: Callable[[], Any]) -> dict[str, Any]:
        """Run the two contenders against each other; return what each returned or raised."""
        self._names = tuple(contenders)
        late = (max(self._lead, 0.0), max(-self._lead, 0.0))
        return dict(zip(self._names, race(*contenders.values(), late=late), strict=True))

    def won(self, who: str) -> None:
        """A round ended, and `who` won it."""
        self._winners[who] += 1
        # Faster and faster away from a side that always wins, and finer and finer where both do.
        self._step = self._step * 2 if who == self._last else max(self._step / 4, LAST_STEP)
        self._lead += self._step if who == self._names[0] else -self._step
        self._last = who

    def one_sided(self) -> set[str]:
        """Contenders who never won: against them nothing was proved."""
        return set(self._names) - set(self._winners)

    def all_run(self) -> bool:
        """Whether the test came to the end of its rounds."""
        return self._winners.total() == self._todo

    def __str__(self) -> str:
        winners = ", ".join(f"{who} {times}" for who, times in sorted(self._winners.items()))
        return f"{self._winners.total()} rounds ({self._full} in full) on {connection.vendor}: {winners}"
