"""Limits the concurrent lookups of unknown sessions.

A client that invents sessions and disconnects at once is not slowed by a delayed refusal, and everybody else's commands
waited behind its lookups in the database threads (2.2 s, measured).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext

from uploads.core.errors import Code, Refusal
from uploads.core.token_bucket import digest_of

LOOKUPS_AT_A_TIME = 2
FAILED_SECONDS = 0.05
"""How long a failed lookup occupies its slot, so that at most 40 fail in a second."""
KNOWN_SECONDS = 3600.0
MOST_KNOWN = 10_000


class SessionLookups:
    """Runs at most `LOOKUPS_AT_A_TIME` lookups of sessions not found in the last hour; lookups of others never wait."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._turn = asyncio.Semaphore(LOOKUPS_AT_A_TIME)
        self._known: OrderedDict[bytes, float] = OrderedDict()

    @asynccontextmanager
    async def of(self, session_key: str) -> AsyncIterator[None]:
        """Wait for a slot; the block looks the session up, and raises `Refusal` if there is none."""
        digest = digest_of(session_key)
        is_known = self._known.get(digest, 0.0) > time.monotonic()
        async with nullcontext() if is_known else self._turn:
            try:
                yield
            except Refusal as refusal:
                if refusal.code is Code.SIGNED_OUT:
                    self._known.pop(digest, None)
                    await self._pause(FAILED_SECONDS)
                raise
        self._known[digest] = time.monotonic() + KNOWN_SECONDS
        self._known.move_to_end(digest)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
