"""A WebSocket to the real consumer in this process, without server or network."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

from consumers.protocol import messages
from consumers.protocol.framing import CHUNK_HEADER
from consumers.runtime import Runtime
from consumers.websocket.consumer import DraftConsumer

SECONDS = 5


class Socket:
    """One socket: it records what it receives, which it takes only while the client `reads`."""

    def __init__(self, runtime: Runtime) -> None:
        self.consumer = DraftConsumer(runtime)
        self.sent: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def serve(self, session_key: str, draft_id: UUID) -> None:
        self._events.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "url_route": {"kwargs": {"draft_id": draft_id}},
            "headers": [(b"cookie", f"sessionid={session_key}".encode())],
            "subprotocols": [messages.SUBPROTOCOL],
        }
        await self.consumer(scope, self._events.get, self._send)

    async def _send(self, event: dict[str, Any]) -> None:
        self.sent.append(event)
        await self.reads.wait()
        if event["type"] == "websocket.close":
            self.end()

    def end(self) -> None:
        self._events.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def send(self, content: str | bytes) -> None:
        """Receive a text or binary frame from the client."""
        kind = "text" if isinstance(content, str) else "bytes"
        self._events.put_nowait({"type": "websocket.receive", kind: content})

    def say(self, **message: Any) -> None:
        self.send(json.dumps(message))

    def send_chunk(self, size: int) -> None:
        self.send(CHUNK_HEADER.pack(1, 0) + b"\0" * size)

    @property
    def closed_with(self) -> int | None:
        return next((event["code"] for event in self.sent if event["type"] == "websocket.close"), None)

    @property
    def texts(self) -> list[dict[str, Any]]:
        return [json.loads(event["text"]) for event in self.sent if event["type"] == "websocket.send"]

    async def handled(self) -> None:
        """Run the event loop until what was sent last is handled."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def until(self, condition: Any) -> None:
        until = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < until, "it did not come"
            await asyncio.sleep(0.001)


@asynccontextmanager
async def opened(
    runtime: Runtime, *, session_key: str = "of-somebody", draft_id: UUID | None = None
) -> AsyncIterator[Socket]:
    """Return a socket that has received its first snapshot."""
    socket = Socket(runtime)
    serving = asyncio.ensure_future(socket.serve(session_key, draft_id or uuid4()))
    try:
        await socket.until(lambda: len(socket.sent) >= 2 or serving.done())
        yield socket
    finally:
        socket.reads.set()
        socket.end()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(serving, 15)
