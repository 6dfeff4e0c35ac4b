"""Read the metadata of a photo that matters: its orientation as browsers understand it, and its capture time.

They are read from the received bytes, before metadata is removed. Unreadable metadata counts as missing, as in
browsers. No Django here, because the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from msgspec import Struct

from uploads.images import exif, heif
from uploads.images.metadata.png import is_whole
from uploads.images.metadata.segments import Data
from uploads.images.structure import jpeg, png, webp

APP1 = 0xE1
HEADER = b"Exif\0"
"""Identifies the segment of a JPEG; one more byte, of any value, follows it."""


class PhotoFacts(Struct, frozen=True):
    """The orientation (1 to 8) that browsers apply, and the capture time (UTC)."""

    orientation: int = 1
    taken_at: datetime | None = None


def read(data: Data) -> PhotoFacts:
    """Return the facts of an image. The orientation of AVIF and HEIC is part of the image; their decoder reports it."""
    if data[:2] == jpeg.SIGNATURE:
        block = _of_jpeg(data)
        return PhotoFacts(exif.orientation(block), _taken_at(block))
    if data[:8] == png.SIGNATURE:
        shown, block = _of_png(data)
        return PhotoFacts(exif.orientation(shown), _taken_at(block))
    if data[:4] == webp.SIGNATURE:
        # Chromium ignores the orientation of a WebP, so it is not stored, and no other browser applies one.
        return PhotoFacts(taken_at=_taken_at(_of_webp(data)))
    return PhotoFacts(taken_at=_taken_at(_of_others(data)))


def _of_jpeg(data: Data) -> bytes:
    """Return the first block before the pixels that is not empty, even if it contains nothing useful."""
    for marker, start, stop in jpeg.segments(data):
        content = data[start + 4 : stop]
        if marker == APP1 and content.startswith(HEADER) and len(content) > len(HEADER) + 1:
            return content[len(HEADER) + 1 :]
        if marker == jpeg.SOS:
            break
    return b""


def _of_png(data: Data) -> tuple[bytes, bytes]:
    """Return the block that browsers read (the first complete one before the pixels), and the first there is."""
    blocks, seen = [], False
    shown = b""
    for kind, content in png.chunks(data):
        seen |= kind == b"IDAT"
        if kind == b"eXIf":
            blocks.append(data[content])
            if not seen and not shown and is_whole(data, kind, content):
                shown = data[content]
    return shown, shown or next(iter(blocks), b"")


def _of_webp(data: Data) -> bytes:
    return next((data[content] for kind, content in webp.chunks(data) if kind == b"EXIF"), b"")


def _of_others(data: Data) -> bytes:
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=("AVIF", *heif.opened_as())) as image:
            return bytes(image.info.get("exif") or b"")
    except Exception:  # noqa: BLE001 - decoders raise nearly anything on hostile input
        return b""


def _taken_at(block: bytes) -> datetime | None:
    from PIL import Image

    try:
        tags = Image.Exif()
        tags.load(block)
        return exif.taken_at(tags.get_ifd(exif.DETAILS))
    except Exception:  # noqa: BLE001 - whatever a camera or a stranger wrote there
        return None
