"""Hold back the image bytes that a browser sends, and nothing else, until a test has seen what it needs.

A slow line would race the assertion, because on a busy machine the upload finishes first. A hold has no clock.
"""

from __future__ import annotations

import re

LAST, OPCODE, CONTROL, BINARY = 0x80, 0x0F, 0x08, 2
"""Bits of the first byte of a WebSocket frame (RFC 6455, 5.2): the FIN flag, the opcode, and the opcode's control
bit."""
UPLOAD = re.compile(rb"POST .*?^content-type: application/octet-stream\r\n", re.DOTALL | re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length: (\d+)\r\n", re.IGNORECASE | re.MULTILINE)


class UploadHold:
    """The number of image bytes that may still pass, over all connections of a proxy; unlimited without a hold."""

    def __init__(self) -> None:
        self._left: int | None = None

    def begin(self, after: int) -> None:
        """Hold every chunk that begins after `after` more bytes have passed; one that has begun passes completely."""
        self._left = after

    def end(self) -> None:
        self._left = None

    @property
    def holds(self) -> bool:
        """Whether a chunk that begins now has to wait."""
        return self._left is not None and self._left <= 0

    def count(self, size: int) -> None:
        """Count image bytes that pass."""
        if self._left is not None:
            self._left -= size


class HttpLine:
    """The HTTP requests of one connection: an upload that has to wait holds up everything after it."""

    def __init__(self, hold: UploadHold) -> None:
        self._hold = hold
        self._waiting: bytearray | None = None

    def feed(self, part: bytes) -> bytes:
        """Return what may pass of `part`, which is a request's head or more of its body."""
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
        """Return what was held back."""
        waited, self._waiting = self._waiting or b"", None
        return bytes(waited)


class WebSocketLine:
    """The WebSocket frames of one connection: commands overtake the chunks that have to wait.

    The server allows that, as it does for a command of another tab, because each chunk names its transfer. What does
    not have to wait passes at once, even in the middle of a frame.
    """

    def __init__(self, hold: UploadHold) -> None:
        self._hold = hold
        self._head = b""
        """The beginning of a frame that is too short to tell the frame's length."""
        self._left = 0
        """Bytes still to come of the current frame."""
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
        """Return what was held back. In the middle of a passing frame return nothing; it follows after that frame."""
        in_a_frame = self._left > 0 and not self._frame_waits
        self._release_is_due = in_a_frame or (self._in_message and not self._message_waits)
        if self._release_is_due:
            return b""
        waited, self._waiting = bytes(self._waiting), bytearray()
        self._frame_waits = self._message_waits = False
        return waited


Line = HttpLine | WebSocketLine


def frame_size(data: bytes) -> int | None:
    """Return the length of the frame at the start of `data`; None if `data` is too short to tell."""
    if len(data) < 2:
        return None
    length, header = data[1] & 0x7F, 2 + (4 if data[1] & 0x80 else 0)
    extended = {126: 2, 127: 8}.get(length, 0)
    if len(data) < 2 + extended:
        return None
    return header + extended + (int.from_bytes(data[2 : 2 + extended], "big") if extended else length)
