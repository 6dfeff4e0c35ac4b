"""Sends one socket the draft as it is, whenever it changed or the client asks.

One snapshot is under way and at most one waits, the newest: a client that asks without end, or that reads nothing,
costs no more than that, and whoever announces a change waits for no client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from consumers.broadcast.events import Event


class SnapshotFeed:
    """See the module.

    `read` returns the draft as it is now, None when there is none to send; `turn` waits until it may be read again.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Event | None]],
        send: Callable[[Event], Awaitable[None]],
        turn: Callable[[], Awaitable[None]],
    ) -> None:
        self._read = read
        self._send = send
        self._turn = turn
        self._newest: Event | None = None
        self._asked = False
        self._task: asyncio.Task[None] | None = None

    def offer(self, event: Event) -> None:
        """Send `event` when what is under way has been taken; one that waits already is dropped for it."""
        self._newest = event
        self._start()

    def ask(self) -> None:
        """Read the draft and send it, as soon as the pace allows."""
        self._asked = True
        self._start()

    def stop(self) -> None:
        """Send nothing more. May be called twice."""
        self._newest, self._asked = None, False
        # What it sends may have told it to stop; then it is at its end anyway.
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while self._asked or self._newest is not None:
            event, self._newest = self._newest, None
            if self._asked and event is None:
                await self._turn()
                self._asked = False
                event = await self._read()
            if event is not None:
                await self._send(event)
