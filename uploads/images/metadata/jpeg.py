"""JPEG: its segments. Everything behind the end of the (first) picture goes, whatever it is."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from uploads.images.metadata.pieces import Data, Piece, Unsafe, number, turned

EOI, SOS = 0xD9, 0xDA
APP0, APP2, APP14, COM = 0xE0, 0xE2, 0xEE, 0xFE
APPLICATION = range(0xE0, 0xF0)
DECODING = {*range(0xC0, 0xD0), SOS, 0xDB, 0xDC, 0xDD} - {0xC8}
"""Frames, tables, scans, restart intervals."""
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_BEHIND_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""Inside a scan a zero follows a 0xFF that is data, and the restarts (D0 to D7) are its own."""


def kept(data: Data, orientation: int) -> Iterator[Piece]:
    """See `uploads.images.metadata.kept`."""
    if data[:2] != b"\xff\xd8":
        raise Unsafe("no JPEG")
    yield slice(0, 2)
    turn = _orientation(orientation)
    at = 2
    while True:
        # What stands between two segments decoders skip, and nobody sees.
        found = _MARKER.search(data, at)
        if found is None:
            raise Unsafe("no end")
        start, marker = found.start(), data[found.start() + 1]
        end = start + 2
        pieces: tuple[Piece, ...] = (slice(start, end),)
        if marker != EOI:
            end += number(data, end, 2)
            pieces = _segment(data, slice(start, end), marker)
        # JFIF has to come first; what says the orientation is next.
        if turn and (marker != APP0 or not pieces):
            yield turn
            turn = b""
        yield from pieces
        if marker == EOI:
            return
        at = end
        if marker == SOS:
            behind = _BEHIND_SCAN.search(data, end)
            at = behind.start() if behind else len(data)
            yield slice(end, at)


def _segment(data: Data, whole: slice, marker: int) -> tuple[Piece, ...]:
    """What is kept of a segment: all, the part that decoding needs, or nothing."""
    start, end = whole.start, whole.stop
    if end < start + 4 or end > len(data):
        raise Unsafe("a segment longer than the file")
    if marker in DECODING:
        return (whole,)
    if marker != COM and marker not in APPLICATION:
        raise Unsafe("an unknown segment")
    head = data[start + 4 : min(end, start + 18)]
    if marker == APP0 and head.startswith(b"JFIF\0") and len(head) == 14:
        # Without the small picture that may follow.
        return (_app(APP0, head[:12] + b"\0\0"),)
    if marker == APP2 and head.startswith(b"ICC_PROFILE\0"):
        return (whole,)
    if marker == APP14 and head.startswith(b"Adobe") and len(head) >= 12:
        return (_app(APP14, head[:12]),)
    return ()


def _app(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _orientation(orientation: int) -> bytes:
    return _app(0xE1, b"Exif\0\0" + turned(orientation)) if orientation != 1 else b""
