"""One HTTP connection of the Daphne launcher, in this process and without a network: a transport and its peer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from twisted.internet.testing import StringTransport

from consumers.server.daphne import ListeningServer
from consumers.server.http_channel import Channel, Connections
from consumers.server.http_request import Request
from uploads.core.limits import RequestLimits

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Transport(StringTransport):
    """A transport whose peer reads only on request."""

    bufferSize = 262_144  # noqa: N815 - Twisted's name
    protocol: Any
    """The protocol that reads: the channel, or a WebSocket once the connection has been upgraded."""

    def __init__(self) -> None:
        super().__init__()
        self.is_aborted = False
        self.is_half_closed = False
        self._is_full = False

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.producer is not None and len(self.value()) > self.bufferSize:
            self._is_full = True
            self.producer.pauseProducing()

    def read(self) -> bytes:
        """Let the peer read all there is."""
        data: bytes = self.value()
        self.clear()
        if self._is_full and self.producer is not None:
            self._is_full = False
            self.producer.resumeProducing()
        return data

    def unregisterProducer(self) -> None:  # noqa: N802 - Twisted's name
        if self.producer is not None:
            super().unregisterProducer()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        if not self.disconnecting:
            super().pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        if not self.disconnecting:
            super().resumeProducing()

    @property
    def is_read(self) -> bool:
        """Whether the server is still reading."""
        return bool(self.producerState == "producing")

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.is_aborted = True

    def loseWriteConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.is_half_closed = True


class Process:
    """A server process: its application, its limits, its connections."""

    def __init__(self, application: Application, **limits: int) -> None:
        self.server = ListeningServer(application=application, endpoints=["none"])
        self.server.connections = {}
        self.connections = Connections(RequestLimits(**limits))

    def connect(self) -> tuple[Channel, Transport]:
        """Return a new connection and its peer."""
        channel, transport = Channel(), Transport()
        channel.factory = SimpleNamespace(server=self.server, connections=self.connections, log=lambda request: None)
        channel.requestFactory = Request
        transport.protocol = channel
        channel.makeConnection(transport)
        return channel, transport


async def settle() -> None:
    """Run everything that is ready."""
    for _ in range(20):
        await asyncio.sleep(0)
