"""HTTP/1.1 on a socket: sends replies, and does to them what a fault says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from devtools.cloudinary_loopback import dispatch
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.events import Event
from devtools.cloudinary_loopback.faults import STATUS, Fault, Kind
from devtools.cloudinary_loopback.routes import Reply

HANG_SECONDS = 3600


class Sender(BaseHTTPRequestHandler):
    """The answering half of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise each answer takes 40 ms (measured)
    request_id: str

    def log_message(self, format: str, *args: object) -> None:
        """The event log says more."""

    def _go_wrong(
        self, cloud: Cloud, fault: Fault, released: threading.Event, event: Event, act: Callable[[], Reply]
    ) -> None:
        event.fault = fault.kind.value
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
            self._mangle(fault, released, reply or dispatch.of_json(200, {"lost": True}), event)

    def _mangle(self, fault: Fault, released: threading.Event, reply: Reply, event: Event) -> None:
        """Send a true reply in a way that a client cannot use."""
        event.status = reply.status
        half = len(reply.body) // 2
        if fault.kind is Kind.TRUNCATED:
            reply.body = reply.body[:half]
        elif fault.kind is Kind.GARBAGE:
            reply.body = b"\x00\xff<not json>"
        elif fault.kind in (Kind.HALF_BODY, Kind.DRIP):
            self.close_connection = True
            self._send_in_part(fault, released, self._bytes(reply), half)
            return
        self._send(reply, event)

    def _send_in_part(self, fault: Fault, released: threading.Event, sent: bytes, half: int) -> None:
        """Without the second half of the body; or all of it, byte by byte over the fault's seconds."""
        if fault.kind is Kind.HALF_BODY:
            self.wfile.write(sent[: len(sent) - half])
            return
        for at in range(len(sent)):
            self.wfile.write(sent[at : at + 1])
            released.wait(fault.seconds / len(sent))

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
            "Access-Control-Allow-Origin": "*",
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
