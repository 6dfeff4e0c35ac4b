"""Decodes all of an image, in a child process, and says what it is or what is wrong with it.

No Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from msgspec import Struct

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images import exif, heif, jpeg_end, png_end, small_pictures

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

OPENED_AS = ("JPEG", "PNG", "WEBP", "AVIF")
FORMATS = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
JPEG = ("JPEG", "MPO")
"""Opened as JPEG, MPO has more pictures behind the first: many cameras and phones write it."""


class Picture(Struct, frozen=True):
    """What the decoder told: the content type, width and height as they are coded.

    `orientation` is that of the picture's own properties, of an AVIF; None where its format has none. `small` are its
    small pictures, as far as they were asked for.
    """

    content_type: str
    width: int
    height: int
    orientation: int | None
    small: tuple[bytes, ...] = ()


def decoded(
    content: bytes, max_pixels: int, limits: ImageLimits, orientation: int = 1, widths: Sequence[int] = ()
) -> Picture | Code:
    """Decode the image; return what it is, or the code to refuse it with.

    From the same decoded pixels its small pictures of these `widths` are made, turned by `orientation`, or by the
    picture's own.
    """
    from PIL import Image, PngImagePlugin

    # Our own limits are applied before a pixel is decoded; Pillow's fixed ones would warn or refuse below them.
    Image.MAX_IMAGE_PIXELS = None
    PngImagePlugin.MAX_TEXT_CHUNK = limits.max_profile_bytes
    try:
        return _decoded(content, max_pixels, limits.max_side, orientation, widths)
    except Exception as error:  # noqa: BLE001 - decoders raise nearly anything on hostile input
        return Code.IMAGE_TRUNCATED if "truncated" in str(error).lower() else Code.IMAGE_UNREADABLE


def _decoded(content: bytes, max_pixels: int, max_side: int, orientation: int, widths: Sequence[int]) -> Picture | Code:
    """Raises whatever its decoder does."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=OPENED_AS + heif.opened_as()) as image:
        width, height = image.size
        if width * height > max_pixels or max(width, height) > max_side:
            return Code.TOO_MANY_PIXELS
        if image.format == "HEIF" and heif.is_film(image):
            return Code.UNSUPPORTED_TYPE
        if image.format == "PNG":
            _verify(content)
        needed = small_pictures.needed(width, height, orientation, widths)
        _load(image, needed)
        if _comes_early(content, image, needed):
            return Code.IMAGE_TRUNCATED
        own = _own_orientation(image)
        turned = orientation if own is None else own
        return Picture(FORMATS[str(image.format)], width, height, own, _small(image, (width, height), turned, widths))


def _small(image: ImageFile, size: tuple[int, int], orientation: int, widths: Sequence[int]) -> tuple[bytes, ...]:
    """The small pictures; none where they cannot be made: an image that every decoder reads is taken all the same."""
    try:
        return small_pictures.made(image, size, orientation, widths)
    except Exception:  # noqa: BLE001 - above all a lack of memory
        return ()


def _load(image: ImageFile, needed: tuple[int, int]) -> None:
    """Decode all of it. Raises what the decoder does, `ValueError` when it is not as large as it said."""
    width, height = image.size
    if image.format in JPEG:
        jpeg_end.reduce(image, needed)
    image.load()
    if image.format not in JPEG and image.size != (width, height):
        raise ValueError("the limit of pixels was held against another size")


def _comes_early(content: bytes, image: ImageFile, needed: tuple[int, int]) -> bool:
    """Whether the pixels end before the last one and the decoder made up the rest."""
    if image.format in JPEG:
        return jpeg_end.comes_early(content, image, needed)
    return image.format == "PNG" and png_end.comes_early(content)


def _own_orientation(image: ImageFile) -> int | None:
    """By the picture's own properties: the decoder of AVIF tells them as EXIF."""
    if image.format != "AVIF":
        return None
    return exif.orientation(image.info.get("exif", b"").removeprefix(b"Exif\0\0"))


def _verify(content: bytes) -> None:
    """Read all chunks of a PNG: decoding alone is content with one whose end is missing (measured)."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=("PNG",)) as image:
        image.verify()
