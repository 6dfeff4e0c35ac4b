from __future__ import annotations

import struct

import pytest

from uploads.images.metadata.isobmff_boxes import Box, boxes
from uploads.images.metadata.segments import UnstrippableImage


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def test_boxes_follow_one_another_whatever_way_their_length_is_said():
    long = struct.pack(">I4sQ", 1, b"long", 19) + b"abc"
    last = struct.pack(">I4s", 0, b"last") + b"to the end"
    data = box(b"ftyp", b"avif") + long + last

    assert list(boxes(data, 0, len(data))) == [
        Box(b"ftyp", 0, 8, 12),
        Box(b"long", 12, 28, 31),
        Box(b"last", 31, 39, len(data)),
    ]


@pytest.mark.parametrize(
    "tail",
    [b"abc", struct.pack(">I4s", 7, b"tiny"), struct.pack(">I4s", 99, b"more"), struct.pack(">I4sQ", 1, b"long", 3)],
)
def test_what_is_no_box_is_refused_unless_a_tail_may_be_there(tail: bytes):
    data = box(b"ftyp") + tail
    with pytest.raises(UnstrippableImage):
        list(boxes(data, 0, len(data)))
    assert list(boxes(data, 0, len(data), tail=True)) == [Box(b"ftyp", 0, 8, 8)]
