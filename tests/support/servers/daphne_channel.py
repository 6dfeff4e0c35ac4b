"""One HTTP connection of the Daphne launcher, in this process and without a network: a transport, and its other end."""

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
    """A transport whose other end reads only when it is told to."""

    bufferSize = 262_144  # noqa: N815 - Twisted's name

    def __init__(self) -> None:
        super().__init__()
        self.is_aborted = False
        self.is_half_closed = False

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.producer is not None and len(self.value()) > self.bufferSize:
            self.producer.pauseProducing()

    def read(self) -> bytes:
        """The other end reads all there is."""
        data: bytes = self.value()
        self.clear()
        if self.producer is not None:
            self.producer.resumeProducing()
        return data

    @property
    def is_read(self) -> bool:
        """Whether the server reads on."""
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
        """A new connection and its other end."""
        channel, transport = Channel(), Transport()
        channel.factory = SimpleNamespace(server=self.server, connections=self.connections, log=lambda request: None)
        channel.requestFactory = Request
        channel.makeConnection(transport)
        return channel, transport


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)
