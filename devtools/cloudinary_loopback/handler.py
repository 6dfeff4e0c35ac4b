"""HTTP/1.1 on a socket: reads requests, sends responses, and applies faults to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from devtools.cloudinary_loopback import dispatch
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.faults import STATUS, Event, Fault, Kind
from devtools.cloudinary_loopback.requests import Refused, Reply, Request, multipart

if TYPE_CHECKING:
    from devtools.cloudinary_loopback.server import CloudinaryServer


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise each response takes 40 ms (measured)
    owner: CloudinaryServer
    request_id: str

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, because the cloud records more."""

    # --- Requests

    def _handle(self) -> None:
        self.request_id = uuid4().hex
        try:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = urlsplit(self.path)
            first, _, rest = url.path.lstrip("/").partition("/")
            if first == "v1_1":
                name, _, path = rest.partition("/")
                self._api(name, path, dict(parse_qsl(url.query)), body)
            else:
                self._deliver(first, rest)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = _handle  # noqa: N815 - the base class looks for these

    def _api(self, name: str, path: str, query: dict[str, str], body: bytes) -> None:
        if (cloud := self.owner.clouds.get(name)) is None:
            self._send(dispatch.refusal(Refused(401, f"Unknown cloud_name {name}")))
            return
        endpoint = dispatch.ENDPOINTS.get((self.command, path))
        event = Event(endpoint.name if endpoint else "unknown", path)
        cloud.log.append(event)
        try:
            if endpoint is None:
                raise Refused(404, f"Not found - {self.command} {path}")
            request = self._parsed(cloud, query, body)
        except Refused as refused:
            self._send(dispatch.refusal(refused, event), event)
            return
        dispatch.record(event, endpoint, request)
        struck = cloud.strike(endpoint.name)

        def act() -> Reply:
            return dispatch.answer(cloud, self.command, endpoint, request, event)

        if struck is None:
            self._send(act(), event)
        else:
            self._go_wrong(cloud, *struck, event, act)

    def _parsed(self, cloud: Cloud, query: dict[str, str], body: bytes) -> Request:
        """Return the request. Raises `Refused` (413 or 400)."""
        most = cloud.plan.body_max_bytes
        if len(body) > most:
            raise Refused(413, f"Request body of {len(body)} bytes is too large. Maximum is {most}.")
        sent = (query, None) if self.command == "GET" else multipart(body, self.headers.get("Content-Type", ""))
        return Request(self.headers, *sent)  # type: ignore[arg-type]

    def _deliver(self, name: str, path: str) -> None:
        if (cloud := self.owner.clouds.get(name)) is None:
            self._send(dispatch.refusal(Refused(404, f"Not found - {path}")))
            return
        event = Event("delivery", path)
        cloud.log.append(event)
        self._send(dispatch.delivered(cloud, path, event), event)

    # --- Responses

    def _go_wrong(
        self, cloud: Cloud, fault: Fault, released: threading.Event, event: Event, act: Callable[[], Reply]
    ) -> None:
        event.fault = fault.kind
        if fault.kind is Kind.DELAY:
            released.wait(fault.seconds)
        reply = act() if fault.happens else dispatch.json_reply(200, {"lost": True})
        if fault.kind in STATUS:
            reply = dispatch.fault_reply(cloud, fault)
        elif fault.kind is Kind.TRUNCATED:
            reply.body = reply.body[: len(reply.body) // 2]
        elif fault.kind is Kind.GARBAGE:
            reply.body = b"\x00\xff<not json>"
        elif fault.kind is not Kind.DELAY:
            self.close_connection = True
            self._break_off(fault, released, reply, event)
            return
        self._send(reply, event)

    def _break_off(self, fault: Fault, released: threading.Event, reply: Reply, event: Event) -> None:
        """Send nothing, or all but the second half of the body, or byte by byte over the fault's seconds."""
        if fault.kind is Kind.HANG:
            released.wait(fault.seconds)
        if fault.kind in (Kind.HALF_BODY, Kind.DRIP):
            event.status, sent = reply.status, self._bytes(reply)
            if fault.kind is Kind.HALF_BODY:
                self.wfile.write(sent[: -(len(reply.body) // 2)])
                return
            for at in range(len(sent)):
                self.wfile.write(sent[at : at + 1])
                released.wait(fault.seconds / len(sent))

    def _send(self, reply: Reply, event: Event | None = None) -> None:
        if event is not None:
            event.status = reply.status
        self.wfile.write(self._bytes(reply))

    def _bytes(self, reply: Reply) -> bytes:
        """Return head and body in one piece."""
        head = {
            "Content-Type": reply.content_type,
            "Content-Length": str(len(reply.body)),
            "X-Request-Id": self.request_id,
            "Access-Control-Allow-Origin": "*",
            **reply.headers,
            **({"Connection": "close"} if self.close_connection else {}),
        }
        lines = [f"HTTP/1.1 {reply.status} {reply.status}", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
