"""WebSocket frames: chunks whose header fields have boundary values, and malformed frames."""

from __future__ import annotations

from typing import NamedTuple

from consumers.protocol.framing import CHUNK_HEADER
from tests.support.wire.raw_socket import BINARY, CLOSE, CONTINUATION, PING, TEXT, frame
from uploads.core.errors import Code
from uploads.core.limits import Limits

LIMIT = Limits().chunk_bytes
SIZE = 600_000
"""Sizes of the file whose chunks these are."""
ACK, NOTHING = "ack", "nothing"


class Chunk(NamedTuple):
    """A chunk for the transfer `handle` (None: the current one), and the expected response."""

    handle: int | None
    offset: int
    length: int
    answer: str

    def frame(self, ours: int) -> bytes:
        """Return its bytes; the current transfer has the handle `ours`."""
        return CHUNK_HEADER.pack(ours if self.handle is None else self.handle, self.offset) + bytes(self.length)


CHUNKS = {
    "the first byte": Chunk(None, 0, 1, ACK),
    "as long as it may be": Chunk(None, 0, LIMIT, ACK),
    "a byte too long": Chunk(None, 0, LIMIT + 1, Code.BAD_MESSAGE),
    "empty": Chunk(None, 0, 0, Code.BAD_MESSAGE),
    "a byte ahead": Chunk(None, 1, 1, Code.BAD_CHUNK),
    "at the end": Chunk(None, SIZE, 1, Code.BAD_CHUNK),
    "behind the end": Chunk(None, SIZE + 1, 1, Code.BAD_CHUNK),
    "at the largest number": Chunk(None, 2**53, 1, Code.BAD_CHUNK),
    "where a number turns negative": Chunk(None, 2**63, 1, Code.BAD_CHUNK),
    "at the end of numbers": Chunk(None, 2**64 - 1, 1, Code.BAD_CHUNK),
    "for nobody": Chunk(0, 0, 1, NOTHING),
    "for a transfer to come": Chunk(2**16, 0, 1, NOTHING),
    "for the last handle": Chunk(2**32 - 1, 0, 1, NOTHING),
}
SHORT = [CHUNK_HEADER.pack(1, 0)[:length] for length in range(CHUNK_HEADER.size + 1)]
"""Not a chunk: the header is truncated, or is all there is."""

GOES_ON = {
    "a ping": frame(PING, b"x" * 125),
    "an empty text": frame(TEXT),
    "an empty binary frame": frame(BINARY),
    "a text in parts": frame(TEXT, b'{"type":', final=False) + frame(CONTINUATION, b' "sync"}'),
    "a ping between parts": frame(TEXT, b"{", final=False) + frame(PING) + frame(CONTINUATION, b"}"),
    "many empty parts": frame(TEXT, final=False) + frame(CONTINUATION, final=False) * 100 + frame(CONTINUATION),
    "a length written longer than it need be": b"\x81\xfe\x00\x80\0\0\0\0" + b" " * 128,
}
"""Unusual but allowed: the socket stays open."""

ENDS = {
    "text that is no UTF-8": frame(TEXT, b"\xff\xfe"),
    "half a character": frame(TEXT, b"\xe2\x82"),
    "halves of characters": frame(TEXT, b"\xed\xa0\x80"),
    "a part of nothing": frame(CONTINUATION, b"x"),
    "a message within a message": frame(TEXT, b"{", final=False) + frame(TEXT, b"}"),
    "a ping in parts": frame(PING, final=False),
    "a long ping": frame(PING, b"x" * 126),
    "an opcode for data to come": frame(3),
    "an opcode for control to come": frame(11),
    "a reserved bit": b"\xc1" + frame(TEXT, b"x")[1:],
    "all reserved bits": b"\xf1" + frame(TEXT, b"x")[1:],
    "no mask": b"\x81\x02{}",
    "a length in two bytes that needs one": b"\x81\xfe\x00\x01\0\0\0\0x",
    "a length in eight bytes that needs one": b"\x81\xff" + (1).to_bytes(8, "big") + b"\0\0\0\0x",
    "a length beyond numbers": b"\x82\xff" + b"\xff" * 8 + bytes(4),
    "a length beyond the limit": b"\x82\xff" + (2**32).to_bytes(8, "big") + bytes(4),
    "a close of one byte": frame(CLOSE, b"\x03"),
    "a close with a code that nobody has": frame(CLOSE, b"\x00\x00"),
    "a close with a code that is never sent": frame(CLOSE, b"\x03\xee"),
    "a close with a reason that is no text": frame(CLOSE, b"\x03\xe8\xff"),
    "a close": frame(CLOSE, b"\x03\xe8"),
    "a close without a code": frame(CLOSE),
}
"""The connection ends: required or allowed by the WebSocket standard."""
