"""Limits the concurrent commands of each session.

All sockets of a process share the database threads. One session with forty tabs could occupy them all, and everybody
else's commands would wait behind its own (1.4 s, measured).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

COMMANDS_AT_A_TIME = 2


class SessionTurns:
    """Runs at most `at_a_time` commands of each session at once; the others wait."""

    def __init__(self, at_a_time: int = COMMANDS_AT_A_TIME) -> None:
        self._at_a_time = at_a_time
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, session_key: str) -> AsyncIterator[None]:
        """Wait for a turn of the session and hold it for the block."""
        turn = self._turns.setdefault(session_key, asyncio.Semaphore(self._at_a_time))
        self._users[session_key] += 1
        try:
            async with turn:
                yield
        finally:
            self._users[session_key] -= 1
            if not self._users[session_key]:
                del self._users[session_key], self._turns[session_key]
