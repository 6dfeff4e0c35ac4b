"""JPEG: segments. Everything after the end of the (first) image is dropped, whatever it is.

Damage after the last scan, which browsers ignore, is repaired: the copy ends where the pixels do, with an end marker.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from uploads.images.metadata.jpeg_scans import Scans
from uploads.images.metadata.segments import CutOff, Data, Segment, UnstrippableImage, number, turned

EOI, SOS = 0xD9, 0xDA
END = b"\xff\xd9"
APP0, APP2, APP14, COM = 0xE0, 0xE2, 0xEE, 0xFE
PASSED_OVER = {*range(0xE0, 0xF0), COM}
RESTARTS = range(0xD0, 0xD8)
STANDALONE = {0x01, *RESTARTS}
"""Markers without a length. Between segments they are ignored."""
DECODING = {*range(0xC0, 0xD0), SOS, 0xDB, 0xDC, 0xDD} - {0xC8}
"""Frames, tables, scans, restart intervals."""
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_BEHIND_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""Inside a scan, a zero follows a 0xFF that is data, and the restart markers (D0 to D7) belong to it."""


def retained_segments(data: Data, orientation: int) -> Iterator[Segment]:
    """Select the segments to keep; see `uploads.images.metadata.retained_segments`."""
    if data[:2] != b"\xff\xd8":
        raise UnstrippableImage("no JPEG")
    yield slice(0, 2)
    turn = _orientation(orientation)
    for marker, pieces in _segments(data):
        # JFIF has to come first; the orientation follows.
        if turn and (marker != APP0 or not pieces):
            yield turn
            turn = b""
        yield from pieces


def _segments(data: Data) -> Iterator[tuple[int, tuple[Segment, ...]]]:
    """Yield the marker of each segment up to the end, and what is kept of it; scan data comes under the scan's."""
    at, marker, scans = 2, 0, Scans()
    while marker != EOI:
        # Decoders skip bytes between two segments, and nobody sees them.
        found = _MARKER.search(data, at)
        marker = data[found.end() - 1] if found else 0
        if found and marker in STANDALONE:
            at = found.end()
            continue
        try:
            segment = _whole(data, found.start() if found else len(data))
        except UnstrippableImage:
            if not scans.are_all_there():
                raise
            # After the pixels, unreadable bytes do not matter.
            marker, segment = EOI, slice(at, at)
        yield marker, (END,) if marker == EOI else _kept_of(data, segment, marker)
        scans.note(marker, data[segment.start + 4 : segment.stop])
        at = segment.stop
        if marker == SOS:
            behind = _BEHIND_SCAN.search(data, at)
            pixels = slice(at, behind.start() if behind else _end_of_pixels(data, at, scans))
            yield marker, (pixels,)
            at = pixels.stop


def _whole(data: Data, start: int) -> slice:
    """Return the range of the segment that starts there. Raises `UnstrippableImage` if it is unknown, `CutOff`."""
    if start >= len(data):
        raise CutOff("no further segment")
    marker = number(data, start + 1, 1)
    if marker == EOI:
        return slice(start, start + 2)
    length = number(data, start + 2, 2)
    if (marker in DECODING and length < 2) or marker not in DECODING | PASSED_OVER:
        raise UnstrippableImage("an unknown segment")
    # Where browsers ignore a segment, they treat an impossible length as none.
    stop = start + 2 + max(2, length)
    if stop > len(data):
        raise CutOff("a segment longer than the file")
    return slice(start, stop)


def _kept_of(data: Data, whole: slice, marker: int) -> tuple[Segment, ...]:
    """Return what is kept of a segment: all of it, the part needed for decoding, or nothing."""
    if marker in DECODING:
        return (whole,)
    head = data[whole.start + 4 : min(whole.stop, whole.start + 18)]
    if marker == APP0 and head.startswith(b"JFIF\0") and len(head) == 14:
        # Without the thumbnail that may follow.
        return (_app(APP0, head[:12] + b"\0\0"),)
    if marker == APP2 and head.startswith(b"ICC_PROFILE\0") and len(head) == 14:
        return (whole,)
    if marker == APP14 and head.startswith(b"Adobe") and len(head) >= 12:
        return (_app(APP14, head[:12]),)
    return ()


def _end_of_pixels(data: Data, start: int, scans: Scans) -> int:
    """Return where the data of the last scan, from `start`, end in a file without an end marker.

    Zeros or restart markers are often there instead.
    Raises `CutOff` if there are no such bytes, because browsers then wait for more.
    Of a progressive image they show what they have.
    """
    stop = len(data)
    while stop > start:
        if data[stop - 1] == 0:
            stop -= 1
        elif data[stop - 2] == 0xFF and data[stop - 1] in RESTARTS:
            stop -= 2
        else:
            break
    if data[stop - 1] == 0xFF:
        # The zero that marks the byte before it as data.
        stop += 1
    if not scans.are_all_there() or not (scans.are_progressive or stop < len(data)):
        raise CutOff("no end")
    return min(stop, len(data))


def _app(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _orientation(orientation: int) -> bytes:
    return _app(0xE1, b"Exif\0\0" + turned(orientation)) if orientation != 1 else b""
