"""Takes frames off the server's unbounded queue immediately, so that a flood is detected before it is buffered.

It also detects the end of the connection immediately and drops the chunks still waiting, so that `disconnect` runs in
time (Daphne kills a consumer 10 s after its socket).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from consumers.rate_limits import Credit
from uploads.core.errors import Code
from uploads.core.limits import Limits

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]


def flood(code: Code) -> Event:
    """Return the event that replaces all waiting ones when the client exceeded its credit; `code` says which one."""
    return {"type": "uploads.flood", "code": code}


class InboundQueue:
    """Wrap the server's `receive` for the consumer; see the module."""

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive = receive
        self._credit = Credit(limits)
        self._waiting: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._flooded = False
        self._task = asyncio.create_task(self._run())

    async def receive(self) -> Event:
        """Return the next event for the consumer."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        event = self._waiting.popleft()
        self._credit.give_back(_size(event))
        return event

    def stop(self) -> None:
        """Stop reading. May be called twice."""
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._drop_chunks()
                self._put(event)
                return
            if self._flooded:
                continue
            if (code := self._credit.take(_size(event))) is None:
                self._put(event)
            else:
                self._flooded = True
                self._waiting.clear()
                self._put(flood(code))

    def _drop_chunks(self) -> None:
        self._waiting = deque(event for event in self._waiting if event.get("bytes") is None)

    def _put(self, event: Event) -> None:
        self._waiting.append(event)
        self._arrived.set()


def _size(event: Event) -> int:
    return len(event.get("bytes") or event.get("text") or "")
