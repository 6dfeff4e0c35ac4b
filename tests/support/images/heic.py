"""HEIC photos as iPhones take them, made in code."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image

from tests.support.images.photos import corners, exif_block, turned

TILE = 512
"""An iPhone puts a photo together from tiles of so many pixels."""


def iphone_photo(width: int = 1200, height: int = 800, *, orientation: int = 6, **options: Any) -> bytes:
    """A photo that is seen `width` x `height` pixels large, with `photos.CORNERS`, told to be turned when it is shown.

    Of tiles, with a small copy, and with everything `exif_block` tells. The turn stands in the picture's properties,
    where it counts, and in its EXIF, where it does not.
    """
    return heic(
        turned(corners(width, height), orientation),
        **{"exif": exif_block(orientation).tobytes(), "thumbnails": [320], **options},
    )


def heic(image: Image.Image, **options: Any) -> bytes:
    """`image` as HEIC of one picture."""
    made = io.BytesIO()
    image.save(made, "HEIF", **{"quality": 80, "tile_size": TILE, **options})
    return made.getvalue()


def burst() -> bytes:
    """Two pictures in one file, the second of which is the one that counts."""
    first, second = corners(320, 240), corners(96, 64)
    made = io.BytesIO()
    first.save(made, "HEIF", save_all=True, append_images=[second], primary_index=1)
    return made.getvalue()


def film() -> bytes:
    """A file that says of itself to be a sequence of pictures."""
    return heic(corners(96, 64)).replace(b"ftypheic", b"ftyphevc", 1)


def understated(photo: bytes, size: tuple[int, int], said: tuple[int, int]) -> bytes:
    """A photo of `size` whose properties say another one; its coded pixels stay what they are."""
    kind = b"ispe" + bytes(4)
    return photo.replace(kind + struct.pack(">II", *size), kind + struct.pack(">II", *said))
