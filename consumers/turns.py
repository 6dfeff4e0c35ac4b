"""Limits the concurrent commands of each user, and the concurrent connects.

All sockets of a process share the database threads. One user with forty tabs could occupy them all, and everybody
else's commands would wait behind theirs (1.4 s, measured). So could
the tabs of a draft whose row is locked, and all tabs together after a restart.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

COMMANDS_AT_A_TIME = 2
CONNECTS_AT_A_TIME = 4
"""Of all users; the other half of the threads is left to lookups of sessions and to commands."""
CONNECTS_OF_A_DRAFT = 1
"""The others would wait for the same row lock."""


class Turns:
    """Runs at most `at_a_time` calls of each key (a user, a draft) at once; the others wait."""

    def __init__(self, at_a_time: int) -> None:
        self._at_a_time = at_a_time
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait for a turn of `key` and hold it for the block."""
        turn = self._turns.setdefault(key, asyncio.Semaphore(self._at_a_time))
        self._waiting[key] += 1
        try:
            async with turn:
                yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._turns[key]
