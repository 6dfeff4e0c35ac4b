"""Decode all of an image, in a child process, and report what it is or what is wrong with it.

No Django here, because the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from msgspec import Struct

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images import exif, heif, jpeg_end, png_end, small_pictures
from uploads.images.structure import colour_numbers

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
NUMBERS_UNREAD = ("AVIF", "PNG")
"""Formats that may say by numbers what their colours mean, which Pillow does not read; pillow-heif does."""
JPEG = ("JPEG", "MPO")
"""MPO, opened as JPEG, has more images after the first; many cameras and phones write it."""


class Picture(Struct, frozen=True):
    """The decoder's result: the content type, and the coded width and height.

    `orientation` is that of an AVIF's own properties; None if the format has none. `small` are the small pictures that
    were requested.
    """

    content_type: str
    width: int
    height: int
    orientation: int | None
    small: tuple[bytes, ...] = ()


def decoded(
    content: bytes, max_pixels: int, limits: ImageLimits, orientation: int = 1, widths: Sequence[int] = ()
) -> Picture | Code:
    """Decode the image; return what it is, or the code of its refusal.

    Its small pictures of these `widths` are made from the same decoded pixels, turned by `orientation` or by the
    image's own properties.
    """
    from PIL import Image, PngImagePlugin

    # Our own limits apply before a pixel is decoded; Pillow's fixed ones would warn or refuse below them.
    Image.MAX_IMAGE_PIXELS = None
    PngImagePlugin.MAX_TEXT_CHUNK = limits.max_profile_bytes
    try:
        return _decoded(content, max_pixels, limits.max_side, orientation, widths)
    except Exception as error:  # noqa: BLE001 - decoders raise nearly anything on hostile input
        return Code.IMAGE_TRUNCATED if "truncated" in str(error).lower() else Code.IMAGE_UNREADABLE


def _decoded(content: bytes, max_pixels: int, max_side: int, orientation: int, widths: Sequence[int]) -> Picture | Code:
    """Open the image. Raises whatever its decoder does."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=OPENED_AS + heif.opened_as()) as image:
        width, height = image.size
        if width * height > max_pixels or max(width, height) > max_side:
            return Code.TOO_MANY_PIXELS
        if image.format == "HEIF" and heif.is_animated(image):
            return Code.UNSUPPORTED_TYPE
        if image.format == "PNG":
            _verify(content)
        needed = small_pictures.needed(width, height, orientation, widths)
        _load(image, needed)
        if _comes_early(content, image, needed):
            return Code.IMAGE_TRUNCATED
        own = _own_orientation(image)
        turned = orientation if own is None else own
        small = _small(content, image, (width, height), turned, widths)
        return Picture(FORMATS[str(image.format)], width, height, own, small)


def _small(
    content: bytes, image: ImageFile, size: tuple[int, int], orientation: int, widths: Sequence[int]
) -> tuple[bytes, ...]:
    """Return the small pictures; none if they cannot be made, because the image itself is accepted all the same."""
    try:
        if image.format in NUMBERS_UNREAD:
            image.info["nclx_profile"] = colour_numbers.read(content)
        return small_pictures.made(image, size, orientation, widths)
    except Exception:  # noqa: BLE001 - mainly a lack of memory
        return ()


def _load(image: ImageFile, needed: tuple[int, int]) -> None:
    """Decode all of it. Raises what the decoder does, or `ValueError` if it is not as large as it claims."""
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
    """Return the orientation of the image's own properties, which the AVIF decoder reports as EXIF."""
    if image.format != "AVIF":
        return None
    return exif.orientation(image.info.get("exif", b"").removeprefix(b"Exif\0\0"))


def _verify(content: bytes) -> None:
    """Read all chunks of a PNG, because decoding alone accepts one whose end is missing (measured)."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=("PNG",)) as image:
        image.verify()
