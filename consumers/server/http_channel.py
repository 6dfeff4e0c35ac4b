"""HTTP connections under Daphne: Twisted's, with a timeout for every wait and a bound on unread responses.

Twisted alone waits a minute for each next byte, and keeps serving pipelined requests while the client reads no
response: a stranger held 128 MB with one connection (measured).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from daphne import http_protocol
from twisted.internet import task
from twisted.web import http

from consumers.server import json_answers
from consumers.server.body_rules import ReadThrottle
from consumers.server.connection_rules import Waiting, seconds_for, to_close
from uploads.core.errors import Code, Refusal
from uploads.core.limits import RequestLimits

LINGER_BYTES = 32_000_000
"""Bytes of a refused body to read and drop. Closing a connection with unread bytes resets it and loses the response."""
DETAIN_SECONDS = 1.0
"""Seconds for which a connection is held, unread, after its body came in too many pieces. Closed at once, the client
would reconnect at once, and a new connection costs more than the pieces did."""
MAX_HEADERS = 100
HTTP_BUFFER_BYTES = 32_768
"""Bytes read at a time, and unsent bytes at which an application has to wait. WebSockets use `READ_BYTES`."""


_HTTPChannel: Any = http.HTTPChannel
"""Twisted's types of it are incomplete and partly wrong."""


class TooManyParts(Exception):
    """A body arrives in pieces so small that handling them costs more than their bytes."""


class Connections:
    """The HTTP connections of a process."""

    def __init__(self, limits: RequestLimits) -> None:
        self.limits = limits
        self.throttle = ReadThrottle(limits.pending_bytes_per_second)
        """Limits the reading of bytes that are dropped."""
        self._open: set[Channel] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, channel: Channel) -> None:
        """Add a new connection; if there are now too many, close the one that has waited the longest."""
        self._open.add(channel)
        if len(self._open) > self.limits.max_connections and (victim := to_close(self._open)):
            self.discard(victim)
            victim.transport.abortConnection()

    def discard(self, channel: Channel) -> None:
        """Remove a connection that was closed or became a WebSocket."""
        self._open.discard(channel)

    def sweep(self) -> None:
        """End connections that have waited too long; called every second."""
        now = time.monotonic()
        for channel in list(self._open):
            channel.end_if_overdue(now, self.limits)


class Factory(http_protocol.HTTPFactory):  # type: ignore[misc]  # Daphne is published without types
    """Creates the connections of a server; `request` is the class of their requests."""

    request: Any = None
    limits = RequestLimits()

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.connections = Connections(self.limits)
        self._sweeping = task.LoopingCall(self.connections.sweep)

    def startFactory(self) -> None:  # noqa: N802 - Twisted's name
        """Start sweeping once the port is open."""
        super().startFactory()
        self._sweeping.start(1)

    def buildProtocol(self, addr: object) -> Channel:  # noqa: N802 - Twisted's name
        """Create one connection. Twisted's factory also prepares for HTTP/2, which is used only with TLS."""
        channel = Channel()
        channel.factory = self
        channel.requestFactory = self.request
        channel.callLater = self.reactor.callLater
        return channel


class Channel(_HTTPChannel):  # type: ignore[misc]
    """A connection; `factory.connections` ends it when it waits too long."""

    maxHeaders = MAX_HEADERS  # noqa: N815 - Twisted's name
    timeOut = None  # noqa: N815 - Twisted's name

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Waiting | None = Waiting.REQUEST
        self._since = time.monotonic()
        self._unread_since: float | None = None
        self._writers: list[asyncio.Future[None]] = []
        self._body_waits = False
        self._dropping = False
        self._dropped_bytes = 0
        self.body_is_unread = False
        """Whether a response began before the whole request had arrived; the connection then closes after it."""

    # --- Waiting

    @property
    def waits_since(self) -> float | None:
        """When the wait for its client began; None while the client waits for us."""
        if self._unread_since is not None:
            return self._unread_since
        return None if self._waiting is None or self._body_waits else self._since

    def end_if_overdue(self, now: float, limits: RequestLimits) -> None:
        """Close the connection if it has waited too long, with a response if a request has begun."""
        since = self.waits_since
        waiting = self._waiting if self._unread_since is None else Waiting.READING
        if since is None or waiting is None or now - since < seconds_for(waiting, limits):
            return
        if waiting is Waiting.REQUEST:
            self._leave()
        elif waiting is Waiting.HEADERS:
            self.transport.write(json_answers.raw(Refusal(Code.BODY_TOO_SLOW)))
            self.body_is_unread = True
            self._leave()
        else:
            self.transport.abortConnection()

    def _wait(self, waiting: Waiting | None) -> None:
        self._waiting, self._since = waiting, time.monotonic()

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Register the new connection."""
        self.transport.bufferSize = HTTP_BUFFER_BYTES
        super().connectionMade()
        self.factory.connections.add(self)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """Deregister the connection and release the application if it waits to write."""
        self._transferDecoder = None
        self.factory.connections.discard(self)
        super().connectionLost(reason)
        self._let_write()

    def upgraded(self) -> None:
        """Hand the transport over to a WebSocket."""
        self.factory.connections.discard(self)
        del self.transport.bufferSize
        if self.transport.producer is self:
            self.transport.unregisterProducer()

    # --- Reading

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Handle received bytes, or drop them if the request was refused."""
        if self._dropping:
            self._drop(len(data))
            return
        if self._waiting is Waiting.REQUEST:
            self._wait(Waiting.HEADERS)
        elif self._waiting is Waiting.BODY:
            self._wait(Waiting.BODY)
        super().dataReceived(data)

    def _drop(self, size: int) -> None:
        self._dropped_bytes += size
        if self._dropped_bytes > LINGER_BYTES:
            self.transport.abortConnection()
        elif seconds := self.factory.connections.throttle.delay(size, time.monotonic()):
            self.transport.pauseProducing()
            self.callLater(seconds, self.transport.resumeProducing)

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        """Wait for the body now that all headers have arrived."""
        self._wait(Waiting.BODY)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        """Wait for nothing now that the whole request has arrived."""
        self._wait(None)
        super().allContentReceived()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Handle part of a body, or buffer the beginning of a pipelined request."""
        if self._dropping:
            return
        if self._handlingRequest:
            # A pipelined request, which no browser sends, has to wait. Twisted would buffer 16 KiB of it and sum up
            # the whole buffer again for each byte.
            self._dataBuffer.append(data)
            self._networkProducer.pauseProducing()
            return
        try:
            super().rawDataReceived(data)
        except TooManyParts:
            self._dropping = True
            self._wait(Waiting.CLOSING)
            self._networkProducer.pauseProducing()
            self.callLater(DETAIN_SECONDS, self.transport.abortConnection)

    @property
    def request_line(self) -> tuple[bytes, bytes, bytes]:
        """Method, URL and version of the request whose headers have just arrived."""
        return self._command, self._path, self._version

    def hold_body(self) -> None:
        """Stop reading the body until the application has taken what has arrived."""
        self._body_waits = True
        self._networkProducer.pauseProducing()

    def resume_body(self) -> None:
        """Continue reading the body."""
        self._body_waits = False
        self._wait(self._waiting)
        if not self._waitingForTransport and not self._handlingRequest:
            self._networkProducer.resumeProducing()

    # --- Writing

    async def writable(self) -> None:
        """Wait until the client has read enough for more to be sent."""
        if self._waitingForTransport:
            writer = asyncio.get_running_loop().create_future()
            self._writers.append(writer)
            await writer

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Note that the write buffer is full: the client does not read."""
        super().pauseProducing()
        if self._unread_since is None:
            self._unread_since = time.monotonic()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Release waiting writers: the write buffer is empty."""
        super().resumeProducing()
        if self._body_waits:
            self._networkProducer.pauseProducing()
        self._unread_since = None
        self._let_write()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Release waiting writers: the connection is lost."""
        super().stopProducing()
        self._let_write()

    def _let_write(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)

    # --- From one request to the next

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        """Prepare for the next request. Its response starts once the client has read this one: see `writable`."""
        self.requests.remove(request)
        if not self.persistent:
            self._leave()
            return
        self._handlingRequest = False
        self._wait(Waiting.REQUEST)
        if not self._waitingForTransport:
            self._networkProducer.resumeProducing()
        data = b"".join(self._dataBuffer)
        self._dataBuffer.clear()
        self.setLineMode(data)

    def _leave(self) -> None:
        """Close once everything is sent; meanwhile read and drop the rest of a refused body."""
        self._wait(Waiting.CLOSING)
        self._unread_since = None
        if not self.body_is_unread:
            self.loseConnection()
            return
        self._dropping = True
        self._networkProducer.unregisterProducer()
        self._networkProducer.resumeProducing()
        self.transport.loseWriteConnection()
