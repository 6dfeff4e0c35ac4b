"""Sends snapshots of the draft to one socket, whenever the draft changes or the client asks.

At most one snapshot is being sent and one, the newest, waits. A client that asks incessantly or never reads costs no
more than that, and announcing a change never waits for a client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from consumers.broadcast.events import Event


class SnapshotFeed:
    """The snapshots of one socket; see the module.

    `read` returns a current snapshot, or None if there is none to send; `turn` waits until the rate limit allows one.
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
        """Send `event` once the client has taken the snapshot being sent. It replaces one that still waits."""
        self._newest = event
        self._start()

    def ask(self) -> None:
        """Read the draft and send it, as soon as the rate limit allows."""
        self._asked = True
        self._start()

    def stop(self) -> None:
        """Send nothing more. May be called twice."""
        self._newest, self._asked = None, False
        # The task itself may call this while it sends; it then ends by itself.
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
