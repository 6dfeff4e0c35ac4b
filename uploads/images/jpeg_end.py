"""Detect whether the pixels of a JPEG end early: one that is cut off, with an end marker appended, decodes silently.

Decoders fill missing data with grey. Only the decoder knows how far the data reach, and Pillow does not report it. So a
copy with extra data appended is decoded: a complete image ignores what follows its last pixel, a cut one decodes it.

No Django here, because the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from uploads.images.structure import jpeg

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

STUFFING = bytes(number * 151 % 251 for number in range(4096))
"""Data of an arbitrary image, without a marker."""
GREY = ({127}, {128})
"""Missing pixels become zero coefficients, which some colour spaces invert."""


def reduce(image: ImageFile, needed: tuple[int, int] = (1, 1)) -> None:
    """Make the JPEG decode at an eighth of its size, a progressive one at a quarter, or as large as `needed`.

    That reads the whole file but needs a small part of the memory. At an eighth the refining scans would go unnoticed.
    """
    by = 4 if _is_progressive(image) else 8
    image.draft("RGB", (max(needed[0], image.width // by), max(needed[1], image.height // by)))


def comes_early(data: bytes, image: ImageFile, needed: tuple[int, int] = (1, 1)) -> bool:
    """Whether the `data` of the JPEG `image`, decoded after `reduce`, end before its last pixel."""
    # A progressive one has all its pixels long before its data end.
    if not _is_progressive(image) and not _ends_grey(image):
        return False
    end = jpeg.data_end(data)
    return end is not None and _stuffed(data[:end], needed) != image.tobytes()


def _is_progressive(image: ImageFile) -> bool:
    return bool(image.info.get("progressive"))


def _ends_grey(image: ImageFile) -> bool:
    corner = image.getpixel((image.width - 1, image.height - 1))
    return set(corner if isinstance(corner, tuple) else (corner,)) in GREY


def _stuffed(data: bytes, needed: tuple[int, int]) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(data + STUFFING + b"\xff\xd9"), formats=("JPEG",)) as image:
        reduce(image, needed)
        image.load()
        return image.tobytes()
