"""A WebSocket client that behaves as no browser does: it floods, sends invalid frames, and reads only on request."""

from __future__ import annotations

import json
import os
import socket
import struct
from types import TracebackType
from urllib.parse import urlsplit

from consumers.protocol.messages import SUBPROTOCOL

HANDSHAKE_SECONDS = 15
"""The server delays the handshakes of strangers."""
TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a masked frame. The mask is zero, so the payload is unchanged."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([0x80 | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", len(payload))
    return head + b"\0\0\0\0" + payload


def text(**message: object) -> bytes:
    """Return the frame of one message of the protocol."""
    return frame(TEXT, json.dumps(message).encode())


class RawSocket:
    """Return a socket on `draft` of the server at `url`, open after the handshake."""

    def __init__(self, url: str, draft: str, cookies: str = "", *, extensions: str = "", seconds: float = 15) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        assert address.port is not None
        self.line = socket.create_connection((address.hostname, address.port), timeout=HANDSHAKE_SECONDS)
        extra = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        self.line.sendall(
            (
                f"GET /ws/uploads/{draft}/ HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {url}\r\nCookie: {cookies}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n{extra}"
                f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
            ).encode()
        )
        self._read = b""
        while b"\r\n\r\n" not in self._read:
            self._read += self._some()
        self.line.settimeout(seconds)
        self.head, self._read = self._read.split(b"\r\n\r\n", 1)

    def __enter__(self) -> RawSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.line.close()

    def push(self, content: bytes) -> bool:
        """Send; False if the server accepts no more in time, or has ended the connection."""
        try:
            self.line.sendall(content)
        except OSError:
            return False
        return True

    def next_frame(self) -> tuple[int, bytes]:
        """Return opcode and payload of the server's next frame. Raises `ConnectionError` if it ended the connection."""
        head = self._exactly(2)
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._exactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._exactly(8))[0]
        return head[0] & 0x0F, self._exactly(size)

    def close_code(self) -> int:
        """Read until the server closes; return its close code. Raises `ConnectionError` without one."""
        while True:
            opcode, payload = self.next_frame()
            if opcode == CLOSE:
                return int(struct.unpack("!H", payload[:2])[0])

    def reset(self) -> None:
        """Reset the connection, so that bytes waiting in the kernel do not keep it open."""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.line.close()

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            self._read += self._some()
        content, self._read = self._read[:size], self._read[size:]
        return content

    def _some(self) -> bytes:
        part = self.line.recv(65_536)
        if not part:
            raise ConnectionError("The server ended the connection.")
        return part


def resident_bytes(pid: int) -> int:
    """Return the memory of the process."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
