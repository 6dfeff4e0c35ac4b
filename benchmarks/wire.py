"""A client on one blocking socket. It does minimal work per byte, because the server is what is measured."""

from __future__ import annotations

import json
import os
import socket
from base64 import b64encode
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from benchmarks.frames import CLOSE, PING, PONG, TEXT, masked
from consumers.protocol.messages import SUBPROTOCOL
from tests.support.wire.http_client import HttpClient

SECONDS = 60
"""Maximum wait for a single response before the benchmark is aborted."""

Message = dict[str, Any]


class Closed(Exception):
    """The server closed the socket with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed by the server with {code}")
        self.code = code


class Refused(Exception):
    """The server responded with an `error`."""


class Wire:
    """One socket of `staff` on a draft: ``with Wire(staff, staff.new_draft()) as wire``.

    Satisfies `benchmarks.frames.Link`.
    """

    def __init__(self, staff: HttpClient, draft: str) -> None:
        self.snapshot: Message = {}
        self._acked: dict[int, int] = {}
        self._ops = 0
        address = urlsplit(staff.url)
        self._socket = socket.create_connection((address.hostname, address.port), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._incoming = self._socket.makefile("rb")
        self._shake_hands(staff, draft)
        self.until(lambda: self.snapshot)

    def _shake_hands(self, staff: HttpClient, draft: str) -> None:
        headers = {
            "Host": urlsplit(staff.url).netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": SUBPROTOCOL,
            "Origin": staff.url,
            "Cookie": staff.cookie_header,
        }
        lines = [f"GET /ws/uploads/{draft}/ HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self.send("\r\n".join([*lines, "", ""]).encode())
        status = self._incoming.readline().decode().strip()
        if " 101 " not in status:
            raise ConnectionError(f"the server did not open the socket: {status}")
        while self._incoming.readline().strip():
            pass

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._incoming.close()
        self._socket.close()

    @property
    def window_bytes(self) -> int:
        """Return how much payload may be in flight, according to the server."""
        return int(self.snapshot["limits"]["window_chunks"] * self.chunk_bytes)

    @property
    def chunk_bytes(self) -> int:
        """Return the maximum payload of a frame, according to the server."""
        return int(self.snapshot["limits"]["chunk_bytes"])

    def send(self, wire: bytes) -> None:
        """Write all of it."""
        self._socket.sendall(wire)

    def acknowledged(self) -> int:
        """Wait for the next `ack`; return how many more bytes it acknowledges."""
        before = self.acknowledged_bytes
        while self.receive()["type"] != "ack":
            pass
        return self.acknowledged_bytes - before

    @property
    def acknowledged_bytes(self) -> int:
        """Return how much payload has been acknowledged so far, over all transfers."""
        return sum(self._acked.values())

    def ping(self) -> None:
        """Request a `pong`, which arrives when everything sent before has been handled."""
        self.send(masked(TEXT, b'{"type":"ping"}'))

    def command(self, type_: str, **fields: object) -> Message:
        """Send a command and return its response. Raises `Refused`."""
        self._ops += 1
        op = f"op{self._ops}"
        self.send(masked(TEXT, json.dumps({"type": type_, "op": op, **fields}).encode()))
        while (answer := self.receive()).get("op") != op:
            pass
        return answer

    def until(self, condition: Callable[[], object]) -> None:
        """Read messages until `condition` is true."""
        while not condition():
            self.receive()

    def receive(self) -> Message:
        """Return the next message. Raises `Refused` for an `error` and `Closed` at the end."""
        opcode, payload = self._read_frame()
        while opcode != TEXT:
            if opcode == CLOSE:
                raise Closed(int.from_bytes(payload[:2]) if payload else 1005)
            if opcode == PING:
                self.send(masked(PONG, payload))
            opcode, payload = self._read_frame()
        message: Message = json.loads(payload)
        if message["type"] == "error":
            raise Refused(f"{message['code']}: {message['message']}")
        if message["type"] == "ack":
            self._acked[message["handle"]] = message["offset"]
        elif message["type"] == "snapshot":
            self.snapshot = message
        return message

    def _read_frame(self) -> tuple[int, bytes]:
        """Return a frame of the server, which is never masked and never fragmented."""
        first, size = self._read(2)
        if size == 126:
            size = int.from_bytes(self._read(2))
        elif size == 127:
            size = int.from_bytes(self._read(8))
        return first & 0x0F, self._read(size)

    def _read(self, size: int) -> bytes:
        try:
            data = self._incoming.read(size)
        except ConnectionError:
            data = b""
        if len(data) < size:
            raise Closed(1006)
        return data
