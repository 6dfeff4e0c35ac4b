"""Real threads that start together, each with its own database connection; and how often they do."""

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
"""Without `--full-counts`, one in this many rounds is run."""
SQLITE = 500
"""The maximum number of rounds on SQLite, whose single writer leaves less to go wrong."""
FIRST_STEP = 0.001
LAST_STEP = 0.0001


def race(*calls: Callable[[], Any], late: tuple[float, ...] = ()) -> list[Any]:
    """Run `calls` simultaneously, or delayed by the seconds in `late`; return what each returned or raised."""
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
    """Rounds of two contenders, who won how often, and start times that keep the race close.

    One contender usually has the shorter way. The winner starts later next time, until the other one wins; from then on
    both arrive within a fraction of a millisecond, where an error would show.
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
        """Yield the rounds to run, where `count` is the full number on PostgreSQL."""
        self._full = count if connection.vendor == "postgresql" else min(count, SQLITE)
        self._todo = self._counted(self._full // PART, self._full)
        return range(self._todo)

    def race(self, **contenders: Callable[[], Any]) -> dict[str, Any]:
        """Run the two contenders against each other; return what each returned or raised."""
        self._names = tuple(contenders)
        late = (max(self._lead, 0.0), max(-self._lead, 0.0))
        return dict(zip(self._names, race(*contenders.values(), late=late), strict=True))

    def won(self, who: str) -> None:
        """Record that `who` won the round."""
        self._winners[who] += 1
        # Move away faster from a side that always wins, and in smaller steps once both do.
        self._step = self._step * 2 if who == self._last else max(self._step / 4, LAST_STEP)
        self._lead += self._step if who == self._names[0] else -self._step
        self._last = who

    def one_sided(self) -> set[str]:
        """Return the contenders who never won; the race proved nothing against them."""
        return set(self._names) - set(self._winners)

    def all_run(self) -> bool:
        """Whether the test completed its rounds."""
        return self._winners.total() == self._todo

    def __str__(self) -> str:
        winners = ", ".join(f"{who} {times}" for who, times in sorted(self._winners.items()))
        return f"{self._winners.total()} rounds ({self._full} in full) on {connection.vendor}: {winners}"
