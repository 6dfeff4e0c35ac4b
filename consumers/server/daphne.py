"""Serves an ASGI application with Daphne in this process, heartbeat included.

Unlike Daphne's own command line, it speaks the lifespan protocol, which starts the heartbeat. It notifies the tabs
before it stops (on SIGTERM Daphne cancels consumers without calling their `disconnect`: measured), reads 256 KiB at a
time (1.2 to 1.4 times the throughput: measured) and requires the native unmasker (without it uploads are 30 to 70
times slower: measured).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextvars import Context
from functools import partial
from typing import Any, NoReturn

from daphne import server as daphne_server  # isort: skip - installs the asyncio reactor, before the rest of Twisted

from autobahn.websocket import USES_NVX
from daphne.http_protocol import WebRequest
from django.utils.module_loading import import_string
from twisted.internet import reactor, tcp
from twisted.internet.interfaces import IListeningPort

from consumers.server.http_channel import Factory
from consumers.server.http_request import Request
from consumers.server.lifespan import LifespanServer
from consumers.server.websocket_protocol import READ_BYTES, BoundedWebSocket
from uploads.conf import upload_settings
from uploads.runtime import memory

logger = logging.getLogger("uploads.server")

MAX_FRAME_BYTES = 524_288
PING_SECONDS = 20
PONG_SECONDS = 15
"""Shorter than the ping interval; otherwise Daphne's second ping hides a late pong to the first (measured)."""
CLOSE_SECONDS = 10
"""How long a client may take to answer a close frame. With Daphne's one second, a client that is busy uploading would
be reset and never read the close code."""
DRAIN_SECONDS = 5
BACKLOG = 128
"""Connections that may wait to be accepted. With Twisted's 50, a client that connects in a loop delays others by a
second, because the kernel drops their first packet. Smaller than `max_connections`, so that no accepted connection is
closed to make room before it has been read."""


class ListeningServer(daphne_server.Server):  # type: ignore[misc]  # published without types
    """Daphne's server, which here keeps its listening ports so that a drain can close them.

    A request's body is streamed to the running application, and the application waits for slow readers.
    """

    def listen_success(self, port: IListeningPort) -> IListeningPort:
        """Return the port for later callbacks of the listener; Daphne's own callback drops it."""
        super().listen_success(port)
        return port

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for a request or a socket, and return the queue of its events."""
        if not isinstance(protocol, Request):
            return super().create_application(protocol, scope)
        scope["asgi"] = {"version": "3.0"}
        answering = self.application(scope, protocol.inbox.get, partial(self.handle_reply, protocol))
        # A fresh context: a pipelined request starts while the previous one ends and would otherwise inherit its
        # context, and with it a thread that stays until garbage collection (measured: 1 MB per connection).
        task = asyncio.get_running_loop().create_task(answering, context=Context())
        self.connections[protocol]["application_instance"] = task
        return protocol.inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send an event of the application; return once there is room for more."""
        await super().handle_reply(protocol, message)
        if isinstance(protocol, Request):
            await protocol.drained()


class Launcher:
    """One server process, from start to stop."""

    def __init__(self, application: str, host: str, port: int, ready_line: str) -> None:
        self._ready_line = ready_line
        self._stopping = False
        self._failed = False
        served = import_string(application)
        self._lifespan = LifespanServer(served)
        self._server = ListeningServer(
            application=served,
            endpoints=[f"tcp:port={port}:interface={host}:backlog={BACKLOG}"],
            signal_handlers=False,
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            websocket_connect_timeout=PING_SECONDS,
            websocket_timeout=-1,
            websocket_max_message_size=MAX_FRAME_BYTES,
            websocket_max_frame_size=MAX_FRAME_BYTES,
        )

    def run(self) -> NoReturn:
        """Serve until SIGINT or SIGTERM, then end the process with the exit status."""
        tcp.Connection.bufferSize = READ_BYTES
        Factory.request, Factory.limits = Request, upload_settings().requests
        daphne_server.HTTPFactory = Factory
        reactor.callWhenRunning(self._begin)
        self._server.run()
        status = 1 if self._failed else 0
        logging.shutdown()
        sys.stdout.flush()
        # A request still being served holds a thread that waits for the event loop, which has just ended. Python would
        # wait for that thread forever (measured: a deploy under load hung).
        os._exit(status)

    def _begin(self) -> None:
        loop = asyncio.get_event_loop()
        self._server.ws_factory.protocol = BoundedWebSocket
        self._server.ws_factory.setProtocolOptions(closeHandshakeTimeout=CLOSE_SECONDS)
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stop)
        self._starting = loop.create_task(self._start())

    async def _start(self) -> None:
        try:
            if not self._server.listening_addresses:
                raise OSError("the port cannot be listened on")
            await self._lifespan.startup()
        except Exception:
            logger.exception("the server could not start")
            self._failed = True
            self._server.stop()
            return
        memory.freeze_startup_objects()
        print(self._ready_line, flush=True)

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            self._draining = asyncio.get_event_loop().create_task(self._drain())

    async def _drain(self) -> None:
        """Stop accepting connections, ask the tabs to reconnect, close their sockets, then stop."""
        for listener in self._server.listeners:
            listener.addCallback(lambda port: port.stopListening())
        try:
            await asyncio.wait_for(self._lifespan.shutdown(), DRAIN_SECONDS)
        except Exception:
            logger.exception("draining was cut short; leases and the next start make up for it")
        await self._answer_requests()
        # Daphne's shutdown reads this key of every connection and aborts at the first one without it.
        for details in self._server.connections.values():
            details.setdefault("application_instance", asyncio.get_event_loop().create_future())
        self._server.stop()

    async def _answer_requests(self) -> None:
        """Wait up to `DRAIN_SECONDS` for the HTTP requests in progress."""
        running = [
            details["application_instance"]
            for protocol, details in self._server.connections.items()
            if isinstance(protocol, WebRequest) and "application_instance" in details
        ]
        if running:
            await asyncio.wait(running, timeout=DRAIN_SECONDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: ``python -m consumers [--host H] [--port P] [--ready-line TEXT] [application]``."""
    parser = argparse.ArgumentParser(prog="python -m consumers", description="Serve the application with Daphne.")
    parser.add_argument("application", nargs="?", default="asgi.application", help="dotted path (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--ready-line", default="", help="printed when connections are accepted")
    chosen = parser.parse_args(arguments)
    if not USES_NVX:
        print(
            "autobahn has no native unmasker here: uploads would be 30 times slower. Install its wheel.",
            file=sys.stderr,
        )
        return 1
    ready = chosen.ready_line or f"Ready: http://{chosen.host}:{chosen.port}/"
    Launcher(chosen.application, chosen.host, chosen.port, ready).run()
