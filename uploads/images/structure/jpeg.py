"""JPEG: its segments and scans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.segments import Data

SIGNATURE = b"\xff\xd8"
EOI, SOS, APP2 = 0xD9, 0xDA, 0xE2
SEQUENTIAL, PROGRESSIVE = (0xC0, 0xC1, 0xC5, 0xC9, 0xCD), (0xC2, 0xC6, 0xCA, 0xCE)
"""Frames, which say how many components there are."""
STANDALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a length: restarts, start of image, and one that is never used."""
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_BEHIND_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
PROFILE = b"ICC_PROFILE\0"


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """Find why it must not be decoded; see `uploads.images.structure.problem`."""
    scans = profile = 0
    for parts, (marker, start, stop) in enumerate(segments(data), 1):
        scans += marker == SOS
        if marker == APP2 and data[start + 4 : start + 16] == PROFILE:
            profile += stop - start
        if parts > limits.max_parts or scans > limits.max_scans or profile > limits.max_profile_bytes:
            return Code.IMAGE_TOO_COMPLEX
    return None


def is_held_whole(data: Data) -> bool:
    """Whether a decoder holds all of the picture before it has the first pixel: when one scan does not bring it all."""
    components = 0
    for marker, start, _ in segments(data):
        if marker in PROGRESSIVE:
            return True
        if marker in SEQUENTIAL:
            components = int.from_bytes(data[start + 9 : start + 10])
        if marker == SOS:
            return int.from_bytes(data[start + 4 : start + 5]) < components
    return False


def data_end(data: Data) -> int | None:
    """Return the position of the marker that ends the data of the last scan; None if there is none."""
    found, before = None, 0
    for marker, start, _ in segments(data):
        found = start if before == SOS else found
        before = marker
    return found


def segments(data: Data) -> Iterator[tuple[int, int, int]]:
    """Yield the marker and range of each segment up to the first EOI, without the data of scans."""
    at = 2
    while found := _MARKER.search(data, at):
        start, marker = found.start(), data[found.start() + 1]
        at = found.end()
        if marker != EOI and marker not in STANDALONE:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
        yield marker, start, at
        if marker == EOI:
            return
        if marker == SOS:
            behind = _BEHIND_SCAN.search(data, at)
            at = behind.start() if behind else len(data)
