"""One HTTP connection under Daphne: Twisted's, with an end to every wait and a bound on what nobody reads.

Twisted alone waits a minute for each next byte, and goes on answering pipelined requests while no answer is read: a
stranger held 128 MB with one connection (measured).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from daphne import http_protocol
from twisted.internet import task
from twisted.web import http

from consumers.server import json_answers
from consumers.server.body_rules import Pace
from consumers.server.connection_rules import Waiting, seconds_for, to_close
from uploads.core.errors import Code, Refusal
from uploads.core.limits import RequestLimits

LINGER_BYTES = 32_000_000
"""Of a refused body, read and dropped: a connection that is closed with unread bytes loses its answer on the way."""
DETAIN_SECONDS = 1.0
"""How long a connection is kept, unread, whose body came in too many pieces: closed at once, it would be back at once,
and a new connection costs more than its pieces did."""
MOST_HEADERS = 100
HTTP_BUFFER_BYTES = 32_768
"""Read at a time, and unsent before an application has to wait. A WebSocket has the class's own (`daphne`)."""


_HTTPChannel: Any = http.HTTPChannel
"""Typed in parts only, and wrongly in some."""


class TooManyParts(Exception):
    """A body arrives in so many pieces that handling them costs more than their bytes."""


class Connections:
    """The HTTP connections of a process."""

    def __init__(self, limits: RequestLimits) -> None:
        self.limits = limits
        self.pace = Pace(limits.pending_bytes_per_second)
        """Of what is dropped."""
        self._open: set[Channel] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, channel: Channel) -> None:
        """Keep a new connection; where there are too many, close the one that has waited the longest."""
        self._open.add(channel)
        if len(self._open) > self.limits.max_connections and (victim := to_close(self._open)):
            self.discard(victim)
            victim.transport.abortConnection()

    def discard(self, channel: Channel) -> None:
        """Forget a connection that was closed, or became a WebSocket."""
        self._open.discard(channel)

    def sweep(self) -> None:
        """End what has waited too long; called every second."""
        now = time.monotonic()
        for channel in list(self._open):
            channel.end_if_overdue(now, self.limits)


class Factory(http_protocol.HTTPFactory):  # type: ignore[misc]  # Daphne is published without types
    """Makes the connections of a server; `request` makes their requests."""

    request: Any = None
    limits = RequestLimits()

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.connections = Connections(self.limits)
        self._sweeping = task.LoopingCall(self.connections.sweep)

    def startFactory(self) -> None:  # noqa: N802 - Twisted's name
        """The port is listened on."""
        super().startFactory()
        self._sweeping.start(1)

    def buildProtocol(self, addr: object) -> Channel:  # noqa: N802 - Twisted's name
        """Make one connection. HTTP/2, which Twisted's own factory provides for, comes with TLS only."""
        channel = Channel()
        channel.factory = self
        channel.requestFactory = self.request
        channel.callLater = self.reactor.callLater
        return channel


class Channel(_HTTPChannel):  # type: ignore[misc]
    """A connection. `factory.connections` ends its waits."""

    maxHeaders = MOST_HEADERS  # noqa: N815 - Twisted's name
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
        """Whether an answer was begun before the request had come in whole: the connection ends with it."""

    # --- What it waits for

    @property
    def waits_since(self) -> float | None:
        """Since when it has waited for its client; None while its client waits for us."""
        if self._unread_since is not None:
            return self._unread_since
        return None if self._waiting is None or self._body_waits else self._since

    def end_if_overdue(self, now: float, limits: RequestLimits) -> None:
        """End the wait if it has lasted too long: with an answer where there is a request to answer."""
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
        """A client is there."""
        self.transport.bufferSize = HTTP_BUFFER_BYTES
        super().connectionMade()
        self.factory.connections.add(self)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """The client is gone."""
        self._transferDecoder = None
        self.factory.connections.discard(self)
        super().connectionLost(reason)
        self._let_write()

    def upgraded(self) -> None:
        """From now on the transport is a WebSocket's."""
        self.factory.connections.discard(self)
        del self.transport.bufferSize
        if self.transport.producer is self:
            self.transport.unregisterProducer()

    # --- Reading

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Bytes are in: of a request, or of one that is not wanted any more."""
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
        elif seconds := self.factory.connections.pace.seconds(size, time.monotonic()):
            self.transport.pauseProducing()
            self.callLater(seconds, self.transport.resumeProducing)

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        """The headers are in, and the request begins."""
        self._wait(Waiting.BODY)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        """The request is in."""
        self._wait(None)
        super().allContentReceived()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Part of a body, or the beginning of a request that was sent before the last one was answered."""
        if self._dropping:
            return
        if self._handlingRequest:
            # It has to wait: no browser does that. Twisted would take 16 KiB of it, and add them all up for each byte.
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
        """Method, address and version of the request whose headers have just come in."""
        return self._command, self._path, self._version

    def hold_body(self) -> None:
        """Read no more of the body until the application has taken what there is."""
        self._body_waits = True
        self._networkProducer.pauseProducing()

    def resume_body(self) -> None:
        """The application has taken it."""
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
        """The transport's buffer is full."""
        super().pauseProducing()
        if self._unread_since is None:
            self._unread_since = time.monotonic()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The transport's buffer is empty."""
        super().resumeProducing()
        if self._body_waits:
            self._networkProducer.pauseProducing()
        self._unread_since = None
        self._let_write()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is lost."""
        super().stopProducing()
        self._let_write()

    def _let_write(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)

    # --- From one request to the next

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        """A request is answered. The answer to the next one begins when the client has read this one: `writable`."""
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
        """Close once everything is sent. The rest of a body that nobody wants is read meanwhile, and dropped."""
        self._wait(Waiting.CLOSING)
        self._unread_since = None
        if not self.body_is_unread:
            self.loseConnection()
            return
        self._dropping = True
        self._networkProducer.unregisterProducer()
        self._networkProducer.resumeProducing()
        self.transport.loseWriteConnection()
