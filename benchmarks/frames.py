"""Chunks as frames: masked once, before the clock starts, and sent repeatedly by the rules of the protocol.

Every chunk is acknowledged, and at most the window announced by the server is in flight.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from consumers.protocol.framing import CHUNK_HEADER

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x5a\xc3\x17\x8e"


class Frame(NamedTuple):
    """The bytes written to a socket for one chunk, and how many bytes of the file they carry."""

    wire: bytes
    payload_bytes: int


class Link(Protocol):
    """A connection that accepts frames and acknowledges their payload."""

    def send(self, wire: bytes) -> None:
        """Write all of it."""

    def acknowledged(self) -> int:
        """Wait for the next acknowledgement; return how many more bytes it acknowledges."""


def push(link: Link, frames: Iterable[Frame], window_bytes: int) -> None:
    """Send `frames` with at most `window_bytes` of payload unacknowledged; return at the last acknowledgement."""
    waiting = 0
    for frame in frames:
        while waiting + frame.payload_bytes > window_bytes:
            waiting -= link.acknowledged()
        link.send(frame.wire)
        waiting += frame.payload_bytes
    while waiting:
        waiting -= link.acknowledged()


def chunk_frames(handle: int, content: memoryview, chunk_bytes: int) -> list[Frame]:
    """Return the masked frames that carry `content` under the transfer `handle`."""
    parts = [(offset, content[offset : offset + chunk_bytes]) for offset in range(0, len(content), chunk_bytes)]
    return [Frame(masked(BINARY, CHUNK_HEADER.pack(handle, offset) + part), len(part)) for offset, part in parts]


def masked(opcode: int, payload: bytes) -> bytes:
    """Return a complete client frame."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = struct.pack(">BH", 0xFE, size) if size < 65_536 else struct.pack(">BQ", 0xFF, size)
    key = int.from_bytes((MASK * (size // 4 + 1))[:size], "little")
    body = (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")
    return bytes([0x80 | opcode]) + length + MASK + body
