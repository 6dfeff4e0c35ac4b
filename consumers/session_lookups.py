"""Lets a few sessions that are not known yet be looked up at a time.

Whoever makes sessions up and closes at once waits for no refusal, and others' commands waited behind their lookups in
the threads of the database (2.2 s, measured).
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
"""How long the turn of a session that does not exist lasts: 40 of them are looked up in a second."""
KNOWN_SECONDS = 3600.0
MOST_KNOWN = 10_000


class SessionLookups:
    """Holds back lookups of sessions that were not found in the last hour; those that were wait for nobody."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._turn = asyncio.Semaphore(LOOKUPS_AT_A_TIME)
        self._known: OrderedDict[bytes, float] = OrderedDict()

    @asynccontextmanager
    async def of(self, session_key: str) -> AsyncIterator[None]:
        """Wait for the turn of a lookup, which the block makes. It raises `Refusal` when there is no such session."""
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
