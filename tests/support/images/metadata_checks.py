"""Images before and after their metadata is removed."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

from tests.support.images.photos import photo_taken
from uploads.images.metadata import retained_segments

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif", "HEIF": "image/heic"}
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><Creator>Ada Secret</Creator></x:xmpmeta>'
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def stripped(format_: str, content: bytes, orientation: int = 1) -> bytes:
    pieces = retained_segments(TYPES[format_], content, orientation)
    return b"".join(piece if isinstance(piece, bytes) else content[piece] for piece in pieces)


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def telling(format_: str, orientation: int = 1, **options: Any) -> bytes:
    """Return a photo with all the metadata its format allows."""
    return photo_taken(format_, orientation=orientation, xmp=XMP, icc_profile=PROFILE, **options)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
