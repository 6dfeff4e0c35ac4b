"""Read images, and render smaller ones or other formats."""

from __future__ import annotations

import io
import re

import pillow_heif
from msgspec import Struct
from PIL import Image, ImageOps

from devtools.cloudinary_loopback.requests import Refused

# For all tests of the process: those that write iPhone photos rely on it too.
pillow_heif.register_heif_opener()

FORMATS = {"AVIF": "avif", "GIF": "gif", "HEIF": "heic", "JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
"""The service's name of a format, by Pillow's."""
ENCODERS = {ours: pillow for pillow, ours in FORMATS.items()}
RENDERED = {"c": "limit", "f": "auto", "h": r"[1-9]\d{0,4}", "q": "auto", "w": r"[1-9]\d{0,4}"}
"""The parts of a transformation, by short name. The service knows many more."""


class Picture(Struct, frozen=True):
    """The facts of an image."""

    format: str
    width: int
    height: int


def picture(content: bytes, most_px: int) -> Picture:
    """Decode all of an image. Raises `Refused` (400) if it is broken, of another format, or has too many pixels."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            found = Picture(FORMATS[image.format or ""], image.width, image.height)
            if found.width * found.height > most_px:
                megapixels = (round(px / 1e6, 2) for px in (most_px, found.width * found.height))
                raise Refused(400, "Maximum image size is {} Megapixels. Requested {} Megapixels".format(*megapixels))
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(400, "Maximum image size exceeded") from None
    except (OSError, SyntaxError, ValueError, KeyError, EOFError):
        raise Refused(400, "Invalid image file") from None
    return found


def mime_type(format_: str) -> str:
    """Return the MIME type of a format."""
    return f"image/{'jpeg' if format_ == 'jpg' else format_}"


def rendered(content: bytes, transformation: str, format_: str) -> bytes:
    """Return the image upright, within a transformation such as ``c_limit,w_100,h_100``, as `format_`.

    Raises `Refused` (400) for anything the product does not use.
    """
    limits = dict(part.partition("_")[::2] for part in transformation.split(",")) if transformation else {}
    for name, value in limits.items():
        if not re.fullmatch(RENDERED.get(name, "(?!)"), value):
            raise Refused(400, f"Not rendered here - {name}_{value}")
    if format_ not in ENCODERS:
        raise Refused(400, f"Unsupported format {format_}")
    with Image.open(io.BytesIO(content)) as opened:
        image = ImageOps.exif_transpose(opened)
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA")  # a palette cannot be resized, and other modes cannot be written
    width, height = (int(limits.get(name, side)) for name, side in zip("wh", image.size, strict=True))
    if width < image.width or height < image.height:
        image = ImageOps.contain(image, (min(width, image.width), min(height, image.height)))
    made = io.BytesIO()
    (image.convert("RGB") if format_ == "jpg" else image).save(made, ENCODERS[format_])
    return made.getvalue()
