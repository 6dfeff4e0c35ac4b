"""What a photo says beside its picture that counts: which way up browsers show it, and when it was taken.

Read from the bytes as they were received, before all that they tell is taken out. What cannot be read says nothing, as
browsers have it. No Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from msgspec import Struct

from uploads.images import exif, heif
from uploads.images.metadata.pieces import Data
from uploads.images.metadata.png import is_whole
from uploads.images.structure import jpeg, png, webp

APP1 = 0xE1
HEADER = b"Exif\0"
"""Of the segment of a JPEG; one byte more, whatever it is, stands behind it."""


class PhotoFacts(Struct, frozen=True):
    """The orientation (1 to 8) that browsers turn the picture by, and when it was taken (UTC)."""

    orientation: int = 1
    taken_at: datetime | None = None


def read(data: Data) -> PhotoFacts:
    """The facts of an image. The orientation of AVIF and HEIC is part of the picture: its decoder tells it."""
    if data[:2] == jpeg.SIGNATURE:
        block = _of_jpeg(data)
        return PhotoFacts(exif.orientation(block), _taken_at(block))
    if data[:8] == png.SIGNATURE:
        shown, block = _of_png(data)
        return PhotoFacts(exif.orientation(shown), _taken_at(block))
    if data[:4] == webp.SIGNATURE:
        # Chromium turns no WebP: what is stored has no orientation, so that no other browser turns it.
        return PhotoFacts(taken_at=_taken_at(_of_webp(data)))
    return PhotoFacts(taken_at=_taken_at(_of_others(data)))


def _of_jpeg(data: Data) -> bytes:
    """The first block before the pixels that is not empty, also when it says nothing."""
    for marker, start, stop in jpeg.segments(data):
        content = data[start + 4 : stop]
        if marker == APP1 and content.startswith(HEADER) and len(content) > len(HEADER) + 1:
            return content[len(HEADER) + 1 :]
        if marker == jpeg.SOS:
            break
    return b""


def _of_png(data: Data) -> tuple[bytes, bytes]:
    """The block that browsers read, the first before the pixels that is whole, and the first there is."""
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
