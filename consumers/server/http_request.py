"""HTTP requests under Daphne, with bodies streamed to the application as they arrive.

Twisted buffers a whole body first and parses forms itself: 22 s of CPU time and 800 MB for an anonymous form of 20 MB,
before any permission is checked (measured). Here the application starts once the headers have arrived, as under
uvicorn, so that `body_limit` works for both.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

from daphne import http_protocol

from consumers.server.http_channel import TooManyParts

MAX_WAITING_BYTES = 65_536
"""Bytes of a body that may wait for the application before reading from the connection pauses."""
FREE_PARTS = 20
PART_BYTES = 64
"""Minimum average bytes per part after the first `FREE_PARTS`: a part of one byte takes as long to handle as a full
one."""


class Inbox:
    """The events of one request for the application: the parts of its body, then possibly a disconnect."""

    def __init__(self, hold: Callable[[], None], resume: Callable[[], None]) -> None:
        self._hold = hold
        self._resume = resume
        self._parts: list[bytes] = []
        self._size = 0
        self._is_held = False
        self._end_delivered = False
        self._is_gone = False
        self._changed = asyncio.Event()
        self.is_complete = False
        """Whether the whole body has arrived."""

    def feed(self, part: bytes) -> None:
        """Queue a part of the body, unless the client has disconnected."""
        if self._is_gone:
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > MAX_WAITING_BYTES and not self._is_held:
            self._is_held = True
            self._hold()
        self._changed.set()

    def complete(self) -> None:
        """Note that the whole body has arrived."""
        self.is_complete = True
        self._changed.set()

    def put_nowait(self, event: dict[str, Any]) -> None:
        """Accept Daphne's events: use a disconnect and ignore its body, which is empty because ours is streamed."""
        if event["type"] == "http.disconnect":
            self._is_gone = True
            # Requests and connections reference each other, so the parts would otherwise stay until garbage collection.
            self._parts.clear()
            self._changed.set()

    async def get(self) -> dict[str, Any]:
        """Return the next event for the application."""
        while True:
            if self._is_gone:
                return {"type": "http.disconnect"}
            if self._parts or (self.is_complete and not self._end_delivered):
                return self._take()
            self._changed.clear()
            await self._changed.wait()

    def _take(self) -> dict[str, Any]:
        body, self._parts, self._size = b"".join(self._parts), [], 0
        if self._is_held:
            self._is_held = False
            self._resume()
        self._end_delivered = self.is_complete
        return {"type": "http.request", "body": body, "more_body": not self.is_complete}


class Request(http_protocol.WebRequest):  # type: ignore[misc]  # Daphne is published without types
    """Daphne's request with a streamed body; see the module."""

    def __init__(self, channel: Any, *arguments: Any) -> None:
        super().__init__(channel, *arguments)
        self.inbox = Inbox(channel.hold_body, channel.resume_body)
        self._begun = False
        self._parts = 0
        self._size = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Start the application once the headers have arrived, if a body follows."""
        self.content = io.BytesIO()
        if length != 0:
            self._begin(*self.channel.request_line)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Queue a part of the body. Raises `TooManyParts` if the parts are too small on average."""
        self._parts += 1
        self._size += len(data)
        if self._parts > FREE_PARTS + self._size // PART_BYTES:
            raise TooManyParts
        self.inbox.feed(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Complete the body, and start the application if it has not started."""
        self.inbox.complete()
        if not self._begun:
            self._begin(command, path, version)

    def _begin(self, command: bytes, path: bytes, version: bytes) -> None:
        self._begun = True
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.split(b"?", 1)[0]
        self.process()

    def process(self) -> None:
        """Start the application, or hand the connection over to a WebSocket."""
        # Daphne would trust this header from any client.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        if self.requestHeaders.hasHeader(b"Upgrade") and not self.inbox.is_complete:
            # Daphne would pass the body to the WebSocket as its first frames.
            self.basic_error(400, b"Bad Request", "A request to upgrade has no body")
            return
        channel = self.channel
        super().process()
        if self.transport is None:
            channel.upgraded()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Send part of the response. If the request was not read completely, the connection closes after it and the
        response says so.
        """
        begins = not self._response_started and not self.finished and self.channel is not None
        super().handle_reply(message)
        if begins:
            self.channel.body_is_unread = not self.inbox.is_complete
            if self.channel.body_is_unread or b"close" in self.responseHeaders.getRawHeaders(b"Connection", []):
                self.channel.persistent = False
                self.responseHeaders.setRawHeaders(b"Connection", [b"close"])

    async def drained(self) -> None:
        """Wait until the client has read enough of the response; return at once if it is finished."""
        if not self.finished and self.channel is not None:
            await self.channel.writable()
