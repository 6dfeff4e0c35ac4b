"""Requests as raw bytes, sent to the real HTTP side of the launcher: Twisted, our channel, Daphne and Django.

No network is involved. Each connection gets its responses or is closed, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from random import Random
from types import SimpleNamespace
from typing import Any

from consumers.server.daphne import MAX_FRAME_BYTES  # isort: skip - installs the reactor
from channels.routing import ProtocolTypeRouter, URLRouter
from daphne.ws_protocol import WebSocketFactory
from django.core.handlers.asgi import ASGIHandler
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from consumers.routing import unknown_path, websocket_urlpatterns
from consumers.security.origin import StrictOrigin
from consumers.server.body_limit import BodyLimit
from consumers.server.trusted_headers import TrustedHeaders
from consumers.server.websocket_protocol import BoundedWebSocket
from tests.fuzz import request_bytes
from tests.fuzz.report import MAX_CASE_SECONDS, Report
from tests.fuzz.world import Watch, World, runtime, watched, world
from tests.support.servers.daphne_channel import Application, Process, Transport, settle
from uploads.core.errors import Code
from uploads.presence import sockets
from uploads.runtime.threads import database

CASES_OF_A_DRAFT = 100
CODES = {*Code, "csrf_failed", "method_not_allowed"}
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
QUIET_SECONDS = 0.01
"""A socket that received nothing for this long has responded."""


def fuzz(seed: int, count: int) -> Report:
    """Make `count` connections, one after the other."""
    report = Report()
    with world() as here, watched() as log:
        asyncio.run(_run(here, log, report, seed, count))
    return report


async def _run(here: World, log: Watch, report: Report, seed: int, count: int) -> None:
    site = await Site.started(here)
    for number in range(seed, seed + count):
        if (number - seed) % CASES_OF_A_DRAFT == 0:
            await database.run(here.fresh)
        case, began = f"http --seed {number} --count 1", time.monotonic()
        pieces = [_known(here, piece) for piece in connection(number)]
        answer, problems = await site.answer(pieces)
        report.note(answer, time.monotonic() - began, case)
        report.findings += [f"{case}: {problem}" for problem in [*problems, *log.take()]]


def connection(seed: int) -> list[bytes]:
    """Return what is sent over the connection made from a seed."""
    return request_bytes.connection(Random(seed))  # noqa: S311 - no secret


def _known(here: World, piece: bytes) -> bytes:
    for place, value in ((request_bytes.DRAFT, str(here.draft_id)), (request_bytes.SESSION, here.session_key)):
        piece = piece.replace(place, value.encode())
    return piece


class Call:
    """A call of the application, for a request or a socket."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._waits = self._has_all = False
        self._last_sent = time.monotonic()

    async def run(self, application: Application, scope: Any, receive: Any, send: Any) -> None:
        """Run it and record what it waits for."""

        async def receiving() -> Any:
            self._waits = True
            event = await receive()
            self._waits = False
            self._has_all = event["type"] == "http.request" and not event.get("more_body")
            return event

        async def sending(event: Any) -> None:
            self._last_sent = time.monotonic()
            await send(event)

        await application(scope, receiving, sending)

    @property
    def waits(self) -> bool:
        """Whether nothing happens until the client sends more."""
        if self._kind == "http":
            return self._waits and not self._has_all
        return self._waits and time.monotonic() - self._last_sent > QUIET_SECONDS


class Site:
    """The whole product behind the launcher's HTTP side."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._calls: set[Call] = set()
        self._failed: list[str] = []
        self._process = Process(self._call)
        server = self._process.server
        server.ws_factory = WebSocketFactory(server, server="daphne")
        server.ws_factory.protocol = BoundedWebSocket
        # Its timers belong to a reactor, which does not run here.
        server.ws_factory.setProtocolOptions(
            allowNullOrigin=True,
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            maxMessagePayloadSize=MAX_FRAME_BYTES,
            maxFramePayloadSize=MAX_FRAME_BYTES,
        )

    @classmethod
    async def started(cls, here: World) -> Site:
        """Assemble a site with the user of `here`, as in ``asgi.py``."""
        process = runtime()
        process.heartbeat.process_id = await database.run(sockets.start_process)
        routes = [*websocket_urlpatterns(process), unknown_path]
        served = ProtocolTypeRouter({"http": BodyLimit(ASGIHandler()), "websocket": StrictOrigin(URLRouter(routes))})
        return cls(TrustedHeaders(served))

    async def _call(self, scope: Any, receive: Any, send: Any) -> None:
        call = Call(scope["type"])
        self._calls.add(call)
        try:
            await call.run(self._application, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            self._failed.append(f"the application failed: {error!r}")
        finally:
            self._calls.discard(call)

    async def answer(self, pieces: list[bytes]) -> tuple[str, list[str]]:
        """Open a connection that sends `pieces`; return the response, and what is wrong with it."""
        channel, transport = self._process.connect()
        client = Client(transport)
        try:
            for piece in pieces:
                await self._until(lambda: transport.is_read or self._is_quiet(), client)
                if client.is_gone or not transport.is_read:
                    break
                transport.protocol.dataReceived(piece)
                await settle()
            await self._until(self._is_quiet, client)
            transport.protocol.connectionLost(Failure(ConnectionDone()))
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            self._failed.append(f"the server failed: {error!r}")
        await self._until(lambda: not self._calls, client)
        problems, self._failed = [*self._failed, *client.problems()], []
        if self._calls or len(self._process.connections):
            problems.append("something of the connection is left")
            self._calls.clear()
            self._process.connections.discard(channel)
        # Daphne's own check of its connections, every second.
        self._process.server.connections.clear()
        return client.answer(), problems

    def _is_quiet(self) -> bool:
        return all(call.waits for call in self._calls)

    async def _until(self, condition: Any, client: Client) -> None:
        end = time.monotonic() + MAX_CASE_SECONDS + 1
        while not condition() and time.monotonic() < end:
            client.read()
            await asyncio.sleep(0.001)
        client.read()


class Client:
    """The peer of a connection: reads all there is."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._read = b""

    def read(self) -> None:
        """Take what was sent."""
        self._read += self._transport.read()

    @property
    def is_gone(self) -> bool:
        """Whether the server has closed."""
        return bool(self._transport.disconnecting or self._transport.is_aborted)

    def answer(self) -> str:
        """Return the status of the first response."""
        found = STATUS.match(self._read)
        return found[1].decode() if found else "closed" if self.is_gone else "nothing"

    def problems(self) -> list[str]:
        """Return what is wrong with the first response."""
        response = HTTPResponse(SimpleNamespace(makefile=lambda _: BytesIO(self._read)))  # type: ignore[arg-type]
        with suppress(HTTPException, ValueError, OSError):
            response.begin()
            body = response.read()
            codes = _codes(body) if response.headers.get_content_type() == "application/json" else []
            if [code for code in codes if code not in CODES] or (response.status >= 500 and not codes):
                return [f"answered with {response.status}: {body[:300]!r}"]
            if Code.SERVER_ERROR in codes:
                return [f"answered with {body[:300]!r}"]
        return []


def _codes(body: bytes) -> list[str]:
    """Return the codes of the refusals in one of our responses."""
    answer = json.loads(body) if body else {}
    errors = [answer["error"]] if "error" in answer else answer.get("messages", [])
    return [error["code"] for error in errors if "code" in error]
