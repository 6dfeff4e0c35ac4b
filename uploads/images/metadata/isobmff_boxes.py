"""The boxes of ISO media files: a length, a four-letter kind, a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from uploads.images.metadata.segments import Data, UnstrippableImage, number


class Box(NamedTuple):
    """The range of a box and of its body."""

    kind: bytes
    start: int
    body: int
    stop: int


def boxes(data: Data | bytearray, start: int, stop: int, *, tail: bool = False) -> Iterator[Box]:
    """Yield the boxes between `start` and `stop`. With `tail`, bytes that are not a box may follow them.

    Raises `UnstrippableImage` if the bytes are not boxes.
    """
    at = start
    while at < stop:
        box = _box(data, at, stop)
        if box is None:
            if tail:
                return
            raise UnstrippableImage("no box")
        yield box
        at = box.stop


def _box(data: Data | bytearray, at: int, stop: int) -> Box | None:
    if stop - at < 8:
        return None
    length, kind, body = number(data, at, 4), bytes(data[at + 4 : at + 8]), at + 8
    if length == 1 and stop - at >= 16:
        length, body = number(data, body, 8), at + 16
    elif length == 0:
        length = stop - at
    end = at + length
    if not body <= end <= stop:
        return None
    return Box(kind, at, body, end)
