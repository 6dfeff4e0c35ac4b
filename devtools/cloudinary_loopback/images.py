"""What bytes are, and pictures made of pictures."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pillow_heif
from msgspec import Struct
from PIL import Image, ImageOps

from devtools.cloudinary_loopback.refusals import Refused

# For all tests of the process: those that write photos of iPhones do so by it too.
pillow_heif.register_heif_opener()

FORMATS = {
    "AVIF": "avif", "BMP": "bmp", "GIF": "gif", "HEIF": "heic", "ICO": "ico", "JPEG": "jpg", "PNG": "png",
    "TIFF": "tiff", "WEBP": "webp",
}  # fmt: skip
ENCODERS = {ours: pillow for pillow, ours in FORMATS.items()} | {"jpeg": "JPEG", "tif": "TIFF"}
CONTENT_TYPES = {"jpg": "image/jpeg", "ico": "image/x-icon"}
RENDERED = {"c": "limit", "f": "auto", "h": r"[1-9]\d{0,4}", "q": "auto", "w": r"[1-9]\d{0,4}"}
"""What may stand in a transformation, by its short name."""
Step = dict[str, str]


class Picture(Struct, frozen=True):
    """What was found in an image."""

    format: str
    width: int
    height: int


def picture(path: Path, most_px: int) -> Picture:
    """Decodes all of it. Raises `Refused` (400) for what is no image, or broken, or larger than the account may."""
    try:
        with Image.open(path) as image:
            found = Picture(FORMATS[image.format or ""], image.width, image.height)
            if found.width * found.height <= most_px:
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(400, "Maximum image size exceeded") from None
    except (OSError, SyntaxError, ValueError, KeyError, EOFError):
        raise Refused(400, "Invalid image file") from None
    if found.width * found.height > most_px:
        megapixels = (round(px / 1e6, 2) for px in (most_px, found.width * found.height))
        raise Refused(400, "Maximum image size is {} Megapixels. Requested {} Megapixels".format(*megapixels))
    return found


def content_type(format_: str) -> str:
    """Return the MIME type of a format."""
    return CONTENT_TYPES.get(format_, f"image/{format_}")


def step(transformation: str) -> Step:
    """A transformation by its short names, such as ``c_limit,w_100,h_100``. Raises `Refused` (400).

    The service does much more; this server renders what the product asks for.
    """
    found = dict(part.partition("_")[::2] for part in transformation.split(",")) if transformation else {}
    for name, value in found.items():
        if name not in RENDERED or not re.fullmatch(RENDERED[name], value):
            raise Refused(400, f"Not rendered here - {name}_{value}")
    return found


def rendered(path: Path, step: Step, format_: str) -> bytes:
    """The picture upright, no larger than `step` says, as `format_`. Raises `Refused` (400)."""
    if format_ not in ENCODERS:
        raise Refused(400, f"Unsupported format {format_}")
    try:
        with Image.open(path) as opened:
            image = _plain(ImageOps.exif_transpose(opened))
        width, height = (int(step.get(name, side)) for name, side in zip("wh", image.size, strict=True))
        if width < image.width or height < image.height:
            image = ImageOps.contain(image, (min(width, image.width), min(height, image.height)))
        return _encoded(image, format_)
    except (OSError, ValueError):
        raise Refused(400, "Invalid image file") from None


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that can be resized and written."""
    return image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGBA")


def _encoded(image: Image.Image, format_: str) -> bytes:
    if format_ in ("jpg", "jpeg", "bmp"):
        image = image.convert("RGB")
    made = io.BytesIO()
    image.save(made, ENCODERS[format_], **({"quality": 80} if format_ in ("jpg", "jpeg", "webp", "avif") else {}))
    return made.getvalue()
