from __future__ import annotations

import struct

from PIL import Image

from tests.support.hostile_images import encoded
from tests.support.photos import corners, photo_taken
from tests.support.pictures import picture
from tests.support.stripped import XMP, opened, stripped, telling


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
