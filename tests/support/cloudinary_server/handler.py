"""HTTP/1.1 on a socket: reads requests, sends replies, and does to them what a fault says."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.cloudinary_server import bodies, control, dispatch, endpoints
from tests.support.cloudinary_server.cloud import Cloud
from tests.support.cloudinary_server.events import Event
from tests.support.cloudinary_server.faults import STATUS, Fault, Kind
from tests.support.cloudinary_server.parameters import Parameters, collected, text
from tests.support.cloudinary_server.plan import Plan
from tests.support.cloudinary_server.refusals import Refused
from tests.support.cloudinary_server.routes import Reply, Request

if TYPE_CHECKING:
    from tests.support.cloudinary_server.server import CloudinaryServer

HANG_SECONDS = 3600
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Content-Range, X-Requested-With, X-Unique-Upload-Id,"
    " X-Upload-Part-Number, X-Upload-Total-Parts",
}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise each answer takes 40 ms (measured)
    owner: CloudinaryServer
    request_id: str

    def log_message(self, format: str, *args: object) -> None:
        """The event log says more."""

    def _handle(self) -> None:
        self.request_id = uuid.uuid4().hex
        try:
            self._route()
        except Refused as refused:
            self._send(dispatch.of_refusal(refused))
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle  # noqa: N815 - the names that the base class looks for

    def do_OPTIONS(self) -> None:
        """A browser asks first before it sends an upload elsewhere."""
        self.request_id = uuid.uuid4().hex
        self._send(Reply(200, b"", {}, "text/plain"))

    def _route(self) -> None:
        parts = urlsplit(self.path)
        first, _, rest = parts.path.lstrip("/").partition("/")
        query = collected(parse_qsl(parts.query, keep_blank_values=True))
        if first == "_control":
            self._control(rest, query)
        elif first == "v1_1":
            name, _, path = rest.partition("/")
            self._api(name, unquote(path), query)
        else:
            self._deliver(first, rest)

    # --- What is asked

    def _control(self, rest: str, query: Parameters) -> None:
        name, _, what = rest.partition("/")
        document = self._body(None).document
        known = self.owner.clouds.get(name)
        if known is None and not (self.command == "POST" and what == ""):
            raise Refused(404, f"No cloud {name}")
        cloud = known or self.owner.cloud(name)
        self._send(dispatch.of_json(200, control.act(cloud, self.command, what, {**query, **document})))

    def _api(self, name: str, path: str, query: Parameters) -> None:
        cloud = self.owner.clouds.get(name)
        body = self._body(cloud)
        if cloud is None:
            raise Refused(401, f"Unknown cloud_name {name}")
        parameters = {**query, **body.parameters}
        event = self._event(cloud, path, parameters)
        found = endpoints.find(self.command, path)
        if found is None:
            event.endpoint, event.status = "unknown", 404
            raise Refused(404, f"Not found - {self.command} {path}")
        endpoint, place = found
        event.endpoint, event.ignored = endpoint.name, endpoint.ignored(parameters)
        request = Request(self.command, path, self.headers, parameters, body.document, body.file, place)  # type: ignore[arg-type]
        fault = self._fault(cloud, endpoint.name, parameters)
        if fault is None:
            self._send(dispatch.answer(cloud, endpoint, request, event), event)
        else:
            self._go_wrong(cloud, fault, event, lambda: dispatch.answer(cloud, endpoint, request, event))

    def _deliver(self, name: str, path: str) -> None:
        self._body(None)
        if (cloud := self.owner.clouds.get(name)) is None or self.command not in ("GET", "HEAD"):
            raise Refused(404, f"Not found - {self.command} {self.path}")
        event = self._event(cloud, path, {})
        event.endpoint = "delivery"
        fault = self._fault(cloud, "delivery", {})
        if fault is None:
            self._send(dispatch.delivered(cloud, self.path, path, event), event)
        else:
            self._go_wrong(cloud, fault, event, lambda: dispatch.delivered(cloud, self.path, path, event))

    def _event(self, cloud: Cloud, path: str, parameters: Parameters) -> Event:
        public_id = text(parameters, "public_id") or text(parameters, "from_public_id")
        return cloud.log.begin(
            at=cloud.clock.now(),
            endpoint="",
            method=self.command,
            path=path,
            public_id=public_id,
            to_public_id=text(parameters, "to_public_id"),
            request_id=self.request_id,
        )

    def _fault(self, cloud: Cloud, endpoint: str, parameters: Parameters) -> Fault | None:
        with cloud.lock:
            return next((fault for fault in cloud.faults if fault.takes(endpoint, parameters)), None)

    def _body(self, cloud: Cloud | None) -> bodies.Body:
        """All of the body. Raises `Refused` (413 or 400), after reading it."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            pieces = bodies.chunked(self.rfile)  # type: ignore[arg-type]
        else:
            length = self.headers.get("Content-Length", "0")
            if not length.isdecimal():
                self.close_connection = True
                raise Refused(400, f"Invalid Content-Length {length}")
            pieces = bodies.sized(self.rfile, int(length))  # type: ignore[arg-type]
        blobs = self.owner.blobs
        body = blobs.write(bodies.capped(pieces, (cloud.plan if cloud else Plan()).body_max_bytes))
        return bodies.taken_apart(body, self.headers.get("Content-Type", ""), blobs)

    # --- What is answered

    def _go_wrong(self, cloud: Cloud, fault: Fault, event: Event, act: Callable[[], Reply]) -> None:
        event.fault, released = fault.kind.value, cloud.released
        if fault.kind is Kind.DELAY:
            released.wait(fault.seconds)
        reply = act() if fault.happens else None
        if fault.kind in STATUS:
            self._send(dispatch.of_fault(cloud, fault), event)
        elif fault.kind in (Kind.CUT_BEFORE, Kind.CUT_AFTER, Kind.HANG):
            if fault.kind is Kind.HANG:
                released.wait(fault.seconds or HANG_SECONDS)
            self.close_connection = True
        else:
            self._mangle(fault, reply or dispatch.of_json(200, {"lost": True}), event)

    def _mangle(self, fault: Fault, reply: Reply, event: Event) -> None:
        """Send a true reply in a way that a client cannot use."""
        event.status = reply.status
        half = len(reply.body) // 2
        if fault.kind is Kind.TRUNCATED:
            reply.body = reply.body[:half]
        elif fault.kind is Kind.GARBAGE:
            reply.body = b"\x00\xff<not json>"
        elif fault.kind in (Kind.HALF_BODY, Kind.DRIP):
            self._send_slowly(fault, self._bytes(reply), cut=half if fault.kind is Kind.HALF_BODY else 0)
            return
        self._send(reply, event)

    def _send_slowly(self, fault: Fault, sent: bytes, cut: int) -> None:
        """Byte by byte over the fault's seconds; without the last `cut` bytes, and then no more of this connection."""
        self.close_connection = True
        if cut:
            self.wfile.write(sent[:-cut])
            return
        stop = self.owner.stopping
        for at in range(len(sent)):
            self.wfile.write(sent[at : at + 1])
            stop.wait(fault.seconds / len(sent))

    def _send(self, reply: Reply, event: Event | None = None) -> None:
        if event is not None:
            event.status = reply.status
        self.wfile.write(self._bytes(reply))

    def _bytes(self, reply: Reply) -> bytes:
        """Head and body in one piece."""
        head = {
            "Content-Type": reply.content_type,
            "Content-Length": str(len(reply.body)),
            "X-Request-Id": self.request_id,
            **CORS,
            **reply.headers,
            **({"Connection": "close"} if self.close_connection else {}),
        }
        lines = [f"HTTP/1.1 {reply.status} {reply.status}", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if self.command == "HEAD" else reply.body)

    def finish(self) -> None:
        """A cut connection is cut at once, also where another thread still has it."""
        try:
            super().finish()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            """The client was first."""
