"""The events of the site and of each client with their times, as quoted in the report of a violation."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from tests.soak.history import History

FAULT = "fault"


@dataclass(frozen=True)
class Entry:
    """One event, on both clocks: seconds since the stage was set up, and S as last read, in milliseconds."""

    seconds: float
    s_ms: float
    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.seconds:8.2f} s, S {self.s_ms:.0f} ms, {self.who}: {self.what}"


class Journal:
    """The events of one stage, in order."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._began = now, now()
        self.read_s: Callable[[], float] = lambda: 0.0
        """Returns S in milliseconds; set by the watcher of the stage."""
        self.entries: list[Entry] = []

    def note(self, who: str, what: str) -> None:
        """Record an event: of the client `who`, or of a `FAULT`."""
        self.entries.append(Entry(self._now() - self._began, self.read_s(), who, what))

    def about(self, clients: Collection[str]) -> list[str]:
        """Return the lines of these clients, with the faults between them."""
        return [str(entry) for entry in self.entries if entry.who == FAULT or entry.who in clients]


def named_in(violations: Iterable[str], histories: Iterable[History]) -> list[History]:
    """Return the histories whose draft, or one of whose files, a violation names."""
    text = "\n".join(violations)
    return [history for history in histories if any(id_ in text for id_ in _ids(history))]


def _ids(history: History) -> list[str]:
    return [id_ for id_ in (history.draft, *(file.id for file in history.files)) if id_]
