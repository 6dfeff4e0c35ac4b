"""One HTTP request under Daphne: its body goes to the application part by part, as it comes in.

Twisted collects a body first and parses forms itself: 22 s of CPU time and 800 MB for an anonymous form of 20 MB,
before anybody is asked (measured). Here the application is started when the headers are in, as uvicorn does, so that
`body_limit` counts for both.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

from daphne import http_protocol

from consumers.server.http_channel import TooManyParts

MOST_WAITING = 65_536
"""Bytes of a body that wait for the application before the connection is read no further."""
FREE_PARTS = 20
PART_BYTES = 64
"""The least that a part may have on average after the first `FREE_PARTS`: a chunk of one byte costs as much time."""


class Inbox:
    """What the application receives of a request: the parts of its body, then perhaps its end."""

    def __init__(self, hold: Callable[[], None], resume: Callable[[], None]) -> None:
        self._hold = hold
        self._resume = resume
        self._parts: list[bytes] = []
        self._size = 0
        self._is_held = False
        self._is_told = False
        self._is_gone = False
        self._news = asyncio.Event()
        self.is_complete = False
        """Whether the whole body has come in."""

    def feed(self, part: bytes) -> None:
        """Keep a part, unless the application has ended with its request."""
        if self._is_gone:
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > MOST_WAITING and not self._is_held:
            self._is_held = True
            self._hold()
        self._news.set()

    def complete(self) -> None:
        """The body is in."""
        self.is_complete = True
        self._news.set()

    def put_nowait(self, event: dict[str, Any]) -> None:
        """Take Daphne's events: the disconnect counts; the body it read is empty, ours comes part by part."""
        if event["type"] == "http.disconnect":
            self._is_gone = True
            # Requests and connections hold each other until the garbage collector comes by.
            self._parts.clear()
            self._news.set()

    async def get(self) -> dict[str, Any]:
        """Return the next event of the application."""
        while True:
            if self._is_gone:
                return {"type": "http.disconnect"}
            if self._parts or (self.is_complete and not self._is_told):
                return self._take()
            self._news.clear()
            await self._news.wait()

    def _take(self) -> dict[str, Any]:
        body, self._parts, self._size = b"".join(self._parts), [], 0
        if self._is_held:
            self._is_held = False
            self._resume()
        self._is_told = self.is_complete
        return {"type": "http.request", "body": body, "more_body": not self.is_complete}


class Request(http_protocol.WebRequest):  # type: ignore[misc]  # Daphne is published without types
    """See the module."""

    def __init__(self, channel: Any, *arguments: Any) -> None:
        super().__init__(channel, *arguments)
        self.inbox = Inbox(channel.hold_body, channel.resume_body)
        self._begun = False
        self._parts = 0
        self._size = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """The headers are in: begin at once when a body follows."""
        self.content = io.BytesIO()
        if length != 0:
            self._begin(*self.channel.request_line)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of the body is in. Raises `TooManyParts`."""
        self._parts += 1
        self._size += len(data)
        if self._parts > FREE_PARTS + self._size // PART_BYTES:
            raise TooManyParts
        self.inbox.feed(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """The request is in."""
        self.inbox.complete()
        if not self._begun:
            self._begin(command, path, version)

    def _begin(self, command: bytes, path: bytes, version: bytes) -> None:
        self._begun = True
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.split(b"?", 1)[0]
        self.process()

    def process(self) -> None:
        """Start the application, or hand the connection to a WebSocket."""
        # Daphne would believe it, whoever sends it.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        if self.requestHeaders.hasHeader(b"Upgrade") and not self.inbox.is_complete:
            # Daphne would hand the body on to the WebSocket as its first frames.
            self.basic_error(400, b"Bad Request", "A request to upgrade has no body")
            return
        channel = self.channel
        super().process()
        if self.transport is None:
            channel.upgraded()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Send a part of the answer. A request that was not read whole ends its connection, and so says the answer."""
        begins = not self._response_started and not self.finished and self.channel is not None
        super().handle_reply(message)
        if begins:
            self.channel.body_is_unread = not self.inbox.is_complete
            if self.channel.body_is_unread or b"close" in self.responseHeaders.getRawHeaders(b"Connection", []):
                self.channel.persistent = False
                self.responseHeaders.setRawHeaders(b"Connection", [b"close"])

    async def drained(self) -> None:
        """Wait until the client has read enough of the answer; at once when there is nothing more to send."""
        if not self.finished and self.channel is not None:
            await self.channel.writable()
