"""What bytes are, and pictures made of pictures."""

from __future__ import annotations

import io
from pathlib import Path

import pillow_heif
from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont, ImageOps

from tests.cloudinary_loopback.refusals import Refused
from tests.cloudinary_loopback.transformations import CROPS, Step, size_after

# For all tests of the process: those that write photos of iPhones do so by it too.
pillow_heif.register_heif_opener()

FORMATS = {
    "AVIF": "avif", "BMP": "bmp", "GIF": "gif", "HEIF": "heic", "ICO": "ico", "JPEG": "jpg", "PNG": "png",
    "TIFF": "tiff", "WEBP": "webp",
}  # fmt: skip
ENCODERS = {ours: pillow for pillow, ours in FORMATS.items()} | {"jpeg": "JPEG", "tif": "TIFF"}
CONTENT_TYPES = {"jpg": "image/jpeg", "ico": "image/x-icon"}
RENDERED = {"a", "c", "f", "g", "h", "q", "w"}
VIDEOS = {b"ftyp": "mp4", b"\x1aE\xdf\xa3": "webm", b"ID3": "mp3", b"OggS": "ogg"}


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


def video_format(head: bytes) -> str | None:
    """The container a file begins like, or None; audio counts as video (official reference)."""
    return next((name for magic, name in VIDEOS.items() if magic in head[:12]), None)


def content_type(format_: str | None) -> str:
    if format_ is None or format_ not in ENCODERS:
        return "application/octet-stream"
    return CONTENT_TYPES.get(format_, f"image/{format_}")


def check(steps: list[Step]) -> None:
    """Raises `Refused` (400) for what this server does not render; the service would."""
    for step in steps:
        for name, value in step.items():
            if name not in RENDERED or (name == "c" and value not in CROPS):
                raise Refused(400, f"Not rendered here - {name}_{value}")


def rendered(path: Path, steps: list[Step], format_: str) -> bytes:
    """The picture after `steps`, as `format_`. Raises `Refused` (400)."""
    check(steps)
    if format_ not in ENCODERS:
        raise Refused(400, f"Unsupported format {format_}")
    quality = 80
    try:
        with Image.open(path) as opened:
            image = _plain(ImageOps.exif_transpose(opened))
        for step in steps:
            image = _step(image, step)
            quality = int(step["q"]) if step.get("q", "").isdecimal() else quality
        return _encoded(image, format_, quality)
    except (OSError, ValueError):
        raise Refused(400, "Invalid image file") from None


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that can be resized and written."""
    return image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGBA")


def _step(image: Image.Image, step: Step) -> Image.Image:
    crop = {name: value for name, value in step.items() if name in "cwh"}
    size = size_after(image.size, [crop])
    if size != image.size:
        cover = crop.get("c") in ("fill", "thumb")
        image = ImageOps.fit(image, size) if cover else image.resize(size)
    if angle := step.get("a"):
        if angle not in ("0", "90", "180", "270"):
            raise Refused(400, f"Not rendered here - a_{angle}")
        image = image.rotate(-int(angle), expand=True)
    return image


def _encoded(image: Image.Image, format_: str, quality: int) -> bytes:
    if format_ in ("jpg", "jpeg", "bmp"):
        image = image.convert("RGB")
    made = io.BytesIO()
    image.save(made, ENCODERS[format_], **({"quality": quality} if format_ in ("jpg", "jpeg", "webp", "avif") else {}))
    return made.getvalue()


def of_text(text: str, size: int = 12) -> bytes:
    """A picture of a line of text, as PNG."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("RGBA", (max(int(right - left), 2), max(int(bottom - top), 2)))
    ImageDraw.Draw(image).text((-left, -top), text, fill="black", font=font)
    return _encoded(image, "png", 80)
