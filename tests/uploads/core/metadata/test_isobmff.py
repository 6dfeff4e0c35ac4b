from __future__ import annotations

import struct
import time

from PIL import Image

from tests.support.hostile_images import encoded
from tests.support.photos import corners, photo_taken
from tests.support.pictures import picture
from tests.support.stripped import XMP, opened, stripped, telling
from uploads.core.metadata import isobmff


def test_an_avif_keeps_its_length_and_its_pictures_place():
    before = telling("AVIF")
    assert len(stripped("AVIF", before)) == len(before)


def test_boxes_that_tell_something_go():
    content = picture("AVIF")
    box = struct.pack(">I4s", 14, b"uuid") + b"secret"
    with_tail = stripped("AVIF", content + box)
    assert with_tail == stripped("AVIF", content)


def test_an_avif_with_transparency_keeps_it():
    image = corners(64, 48).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((64, 48)))
    before = encoded(image, "AVIF", exif=photo_exif(), xmp=XMP)
    after = stripped("AVIF", before)
    assert opened(after).tobytes() == opened(before).tobytes()
    assert b"Secret" not in after


def photo_exif() -> bytes:
    return opened(photo_taken("JPEG")).info["exif"]


def test_tens_of_thousands_of_boxes_and_places_take_no_time():
    """300 kB of a stranger's must not keep a process busy for a minute."""
    many = 15_000
    before = scattered(many)
    started = time.process_time()
    after = b"".join(before[piece] if isinstance(piece, slice) else piece for piece in isobmff.kept(before))

    assert after == before
    assert time.process_time() - started < 2


def scattered(parts: int) -> bytes:
    """A picture whose bytes lie in as many boxes of their own, each a byte."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    def meta(start: int) -> bytes:
        entry = box(b"infe", struct.pack(">IHH4sx", 2 << 24, 1, 0, b"av01"))
        extents = b"".join(struct.pack(">II", start + 9 * part + 8, 1) for part in range(parts))
        where = box(b"iloc", struct.pack(">IBBHHHH", 0, 0x44, 0, 1, 1, 0, parts) + extents)
        return box(b"meta", bytes(4) + box(b"iinf", struct.pack(">IH", 0, 1) + entry) + where)

    head = box(b"ftyp", b"avif" + bytes(4) + b"avif")
    return head + meta(len(head) + len(meta(0))) + box(b"mdat", b"x") * parts
