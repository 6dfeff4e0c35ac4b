"""Whether a JPEG's pixels end before its end does: one cut off, with an end marker put behind, decodes without a word.

Decoders fill what is missing with grey. Only the decoder knows how far the data reach, and Pillow does not pass on what
it says; so a stuffed copy is decoded. A whole picture ignores what follows its last pixel, a cut one decodes it.
No Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from uploads.images.structure import jpeg

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

STUFFING = bytes(number * 151 % 251 for number in range(4096))
"""Data of some picture, without a marker."""
GREY = ({127}, {128})
"""What missing pixels become: zero coefficients, which some colour spaces turn over."""


def reduce(image: ImageFile, needed: tuple[int, int] = (1, 1)) -> None:
    """Have the JPEG decoded at an eighth of its size, a progressive one at a quarter, or as large as is `needed`.

    The whole file is read, and a small part of the memory needed. At an eighth the refining scans would not be seen.
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
