"""Hold back the image bytes that a browser sends, and nothing else, until a test has seen what it tries.

A slow line would race the assertion: on a busy machine the upload is over first. A hold has no clock.
"""

from __future__ import annotations

import re

LAST, OPCODE, CONTROL, BINARY = 0x80, 0x0F, 0x08, 2
"""In the first byte of a WebSocket frame (RFC 6455, 5.2): its last flag, its opcode, and of opcodes the control bit."""
UPLOAD = re.compile(rb"POST .*?^content-type: application/octet-stream\r\n", re.DOTALL | re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length: (\d+)\r\n", re.IGNORECASE | re.MULTILINE)


class UploadHold:
    """How many more image bytes may pass, over all connections of a proxy together. Without a hold, any number."""

    def __init__(self) -> None:
        self._left: int | None = None

    def begin(self, after: int) -> None:
        """Hold whatever begins once `after` more bytes have passed; a chunk that has begun passes whole."""
        self._left = after

    def end(self) -> None:
        self._left = None

    @property
    def holds(self) -> bool:
        """Whether a chunk that begins now has to wait."""
        return self._left is not None and self._left <= 0

    def count(self, size: int) -> None:
        """That many image bytes pass."""
        if self._left is not None:
            self._left -= size


class HttpLine:
    """What one connection sends as HTTP requests: from an upload that has to wait, everything waits."""

    def __init__(self, hold: UploadHold) -> None:
        self._hold = hold
        self._waiting: bytearray | None = None

    def feed(self, part: bytes) -> bytes:
        """Return what may pass of `part`, a request's head or more of its body."""
        if self._waiting is None and UPLOAD.match(part):
            if self._hold.holds:
                self._waiting = bytearray()
            elif length := LENGTH.search(part):
                self._hold.count(int(length[1]))
        if self._waiting is None:
            return part
        self._waiting += part
        return b""

    def release(self) -> bytes:
        """Return what waited."""
        waited, self._waiting = self._waiting or b"", None
        return bytes(waited)


class WebSocketLine:
    """What one connection sends as WebSocket frames: commands overtake the chunks that have to wait.

    The server allows for that, as for a command of another tab: it knows each chunk by its transfer. What need not wait
    passes as it comes, also in the middle of a frame.
    """

    def __init__(self, hold: UploadHold) -> None:
        self._hold = hold
        self._head = b""
        """Of a frame, too little of it to tell how long that is."""
        self._left = 0
        """Bytes to come of the frame under way."""
        self._frame_waits = self._message_waits = False
        self._in_message = False
        self._opcode = 0
        self._waiting = bytearray()
        self._release_is_due = False

    def feed(self, part: bytes) -> bytes:
        """Return what may pass now."""
        passing, data, self._head = bytearray(), self._head + part, b""
        while data:
            if self._left == 0 and not self._begin_frame(data):
                self._head = data
                break
            piece, data = data[: self._left], data[self._left :]
            self._left -= len(piece)
            passing += self._of_a_frame(piece)
        return bytes(passing)

    def _begin_frame(self, data: bytes) -> bool:
        size = frame_size(data)
        if size is None:
            return False
        self._left, opcode = size, data[0] & OPCODE
        if opcode & CONTROL:
            self._frame_waits = False
            return True
        if not self._in_message:
            self._opcode = opcode
            self._message_waits = opcode == BINARY and (bool(self._waiting) or self._hold.holds)
        self._in_message = not data[0] & LAST
        self._frame_waits = self._message_waits
        return True

    def _of_a_frame(self, piece: bytes) -> bytes:
        if self._frame_waits:
            self._waiting += piece
            return b""
        if self._opcode == BINARY:
            self._hold.count(len(piece))
        return piece + (self.release() if self._release_is_due and self._left == 0 else b"")

    def release(self) -> bytes:
        """Return what waited. In the middle of what passes, nothing: it follows at the end of that."""
        in_a_frame = self._left > 0 and not self._frame_waits
        self._release_is_due = in_a_frame or (self._in_message and not self._message_waits)
        if self._release_is_due:
            return b""
        waited, self._waiting = bytes(self._waiting), bytearray()
        self._frame_waits = self._message_waits = False
        return waited


Line = HttpLine | WebSocketLine


def frame_size(data: bytes) -> int | None:
    """Return how long the frame is with which `data` begins; None while too little of it is there to tell."""
    if len(data) < 2:
        return None
    length, header = data[1] & 0x7F, 2 + (4 if data[1] & 0x80 else 0)
    extended = {126: 2, 127: 8}.get(length, 0)
    if len(data) < 2 + extended:
        return None
    return header + extended + (int.from_bytes(data[2 : 2 + extended], "big") if extended else length)
