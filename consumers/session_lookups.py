"""Looks up the sessions of connecting sockets in batches.

A session that a client invented costs a place in a batch, not a query of its own: one by one, such lookups occupied the
database threads, and everybody else's commands waited behind them (2.2 s, measured).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from consumers.security import sessions
from uploads.core.errors import Code, Refusal
from uploads.runtime.threads import database

SESSIONS_AT_A_TIME = 200
PAUSE_SECONDS = 0.05
"""The pause after each batch, so that there are at most 20 in a second, whatever clients invent."""

logger = logging.getLogger("uploads.socket")


async def _live(keys: Collection[str]) -> Collection[str]:
    return await database.run(sessions.session_users, keys)


class SessionLookups:
    """One batch at a time, of the sessions that connected since the last one; all tabs of a session share its place."""

    def __init__(
        self,
        live: Callable[[Collection[str]], Awaitable[Collection[str]]] = _live,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._live, self._pause = live, pause
        self._waiting: dict[str, asyncio.Future[Code | None]] = {}
        self._batches: asyncio.Task[None] | None = None

    async def check(self, session_key: str) -> None:
        """Wait until the session has been looked up.

        Raises `Refusal`: ``signed_out`` if no active user is signed in with it, ``server_error`` if the lookup failed.
        """
        if session_key not in self._waiting:
            self._waiting[session_key] = asyncio.get_running_loop().create_future()
        found = self._waiting[session_key]
        if self._batches is None or self._batches.done():
            self._batches = asyncio.create_task(self._look_up_all())
        # Shielded: a socket that is cancelled must not cancel the lookup of the session's other tabs.
        if code := await asyncio.shield(found):
            raise Refusal(code)

    async def _look_up_all(self) -> None:
        while self._waiting:
            batch = {key: self._waiting.pop(key) for key in list(self._waiting)[:SESSIONS_AT_A_TIME]}
            try:
                live = await self._live(batch.keys())
            except Exception:
                logger.exception("sessions could not be looked up")
                codes = dict.fromkeys(batch, Code.SERVER_ERROR)
            else:
                codes = {key: Code.SIGNED_OUT for key in batch if key not in live}
            for key, found in batch.items():
                found.set_result(codes.get(key))
            await self._pause(PAUSE_SECONDS)
