"""HEIC photos as iPhones take them, generated in code."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image

from tests.support.images.photos import corners, exif_block, turned

TILE = 512
"""An iPhone assembles a photo from tiles of this size in pixels."""


def iphone_photo(width: int = 1200, height: int = 800, *, orientation: int = 6, **options: Any) -> bytes:
    """Return a photo that is shown `width` x `height` pixels large, with `photos.CORNERS`, and is stored rotated.

    It has tiles, a thumbnail, and everything in `exif_block`. The rotation is in the image's properties, which apply,
    and in its EXIF, which does not.
    """
    return heic(
        turned(corners(width, height), orientation),
        **{"exif": exif_block(orientation).tobytes(), "thumbnails": [320], **options},
    )


def heic(image: Image.Image, **options: Any) -> bytes:
    """Encode `image` as HEIC with a single image."""
    made = io.BytesIO()
    image.save(made, "HEIF", **{"quality": 80, "tile_size": TILE, **options})
    return made.getvalue()


def burst() -> bytes:
    """Two images in one file, the second of which is the primary one."""
    first, second = corners(320, 240), corners(96, 64)
    made = io.BytesIO()
    first.save(made, "HEIF", save_all=True, append_images=[second], primary_index=1)
    return made.getvalue()


def film() -> bytes:
    """A file that declares itself an image sequence."""
    return heic(corners(96, 64)).replace(b"ftypheic", b"ftyphevc", 1)


def understated(photo: bytes, size: tuple[int, int], said: tuple[int, int]) -> bytes:
    """A photo of `size` whose properties claim another size; its coded pixels are unchanged."""
    kind = b"ispe" + bytes(4)
    return photo.replace(kind + struct.pack(">II", *size), kind + struct.pack(">II", *said))
