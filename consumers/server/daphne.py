"""Serves an ASGI application with Daphne in this process, heartbeat and all.

What Daphne's own command line does not do: speak the lifespan protocol, which starts the heartbeat, tell the
tabs before it stops (on SIGTERM it cancels consumers without their `disconnect`: measured), read 256 KiB at a
time (1.2 to 1.4 times the throughput: measured), and insist on the native unmasker (without it 30 to 70 times
slower).
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
"""Shorter than the ping interval: else Daphne's second ping hides a late answer to the first (measured)."""
CLOSE_SECONDS = 10
"""How long a client may take to answer a close. After Daphne's one second a busy uploader would be reset and never
read the close code."""
DRAIN_SECONDS = 5
BACKLOG = 128
"""Connections that wait to be accepted. With Twisted's 50, who connects in a loop costs others a second: the kernel
drops their first packet. Below `max_connections`: none that is accepted may have to make room before it was read."""


class ListeningServer(daphne_server.Server):  # type: ignore[misc]  # published without types
    """Daphne's server, with its ports: its own callback forgets them, and a drain has to close them.

    A request's body comes in while the application runs, and the application waits for the client to read.
    """

    def listen_success(self, port: IListeningPort) -> IListeningPort:
        """Hand the port on to later callbacks of the listener."""
        super().listen_success(port)
        return port

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for a request or a socket, and return where its events go."""
        if not isinstance(protocol, Request):
            return super().create_application(protocol, scope)
        scope["asgi"] = {"version": "3.0"}
        answering = self.application(scope, protocol.inbox.get, partial(self.handle_reply, protocol))
        # A context of its own. A pipelined request begins while the one before ends, in whose context it would run: in
        # its thread, which then stays until the garbage collector comes by (measured: 1 MB for each connection).
        task = asyncio.get_running_loop().create_task(answering, context=Context())
        self.connections[protocol]["application_instance"] = task
        return protocol.inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send what the application says; returns when there is room for more."""
        await super().handle_reply(protocol, message)
        if isinstance(protocol, Request):
            await protocol.drained()


class Launcher:
    """One server process from start to stop."""

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
        # A request that was still being answered holds a thread that waits for the loop that has just ended, and
        # Python would wait for that thread forever (measured: a deploy under load hung).
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
        memory.settle()
        print(self._ready_line, flush=True)

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            self._draining = asyncio.get_event_loop().create_task(self._drain())

    async def _drain(self) -> None:
        """Stop accepting, tell the tabs to reconnect, give their sockets back, then stop."""
        for listener in self._server.listeners:
            listener.addCallback(lambda port: port.stopListening())
        try:
            await asyncio.wait_for(self._lifespan.shutdown(), DRAIN_SECONDS)
        except Exception:
            logger.exception("draining was cut short; leases and the next start make up for it")
        await self._answer_requests()
        # Daphne's shutdown looks for this key in every connection and stops at the first without it.
        for details in self._server.connections.values():
            details.setdefault("application_instance", asyncio.get_event_loop().create_future())
        self._server.stop()

    async def _answer_requests(self) -> None:
        """Let the HTTP requests that are being answered come to their end, for as long as a drain may take."""
        running = [
            details["application_instance"]
            for protocol, details in self._server.connections.items()
            if isinstance(protocol, WebRequest) and "application_instance" in details
        ]
        if running:
            await asyncio.wait(running, timeout=DRAIN_SECONDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: ``python -m consumers [--host H] [--port P] [--ready-line TEXT] [application]``."""
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
