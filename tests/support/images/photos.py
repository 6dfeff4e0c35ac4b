"""Photos as cameras and phones take them, with all their metadata; generated in code."""

from __future__ import annotations

import io
from typing import Any

from PIL import ExifTags, Image

from uploads.images import exif

CORNERS = {"red": (255, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
"""The colours of a photo's corners as shown: top left, top right, bottom left, bottom right."""
SECRETS = (b"Secret", b"secret", b"SERIAL-4711", b"2026:05:04")
"""Parts of what `exif_block` contains."""
_TURNED_BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def photo_taken(format_: str = "JPEG", *, orientation: int = 1, **options: Any) -> bytes:
    """Return a photo shown 96 x 64 pixels large, with `CORNERS`, as stored by a camera held in `orientation`."""
    buffer = io.BytesIO()
    turned(corners(96, 64), orientation).save(buffer, format_, **{"exif": exif_block(orientation).tobytes(), **options})
    return buffer.getvalue()


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Encode `image` as stored by a camera held in `orientation`."""
    return image.transpose(_TURNED_BACK[orientation]) if orientation != 1 else image


def corners(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height))
    half = ((0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2))
    for colour, at in zip(CORNERS.values(), half, strict=True):
        image.paste(colour, (*at, at[0] + width // 2, at[1] + height // 2))
    return image


def exif_block(orientation: int = 1, taken_at: str = "2026:05:04 12:00:00", offset: str = "+02:00") -> Image.Exif:
    """EXIF that says where, when, by whom and with what the photo was taken."""
    tags = Image.Exif()
    tags[exif.ORIENTATION] = orientation
    tags[ExifTags.Base.Artist] = "Ada Secret"
    details = tags.get_ifd(ExifTags.IFD.Exif)
    details[exif.TAKEN_AT], details[exif.TAKEN_AT_OFFSET] = taken_at, offset
    details[ExifTags.Base.BodySerialNumber] = "SERIAL-4711"
    details[ExifTags.Base.MakerNote] = b"secret maker note"
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (48.0, 51.0, 29.6)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (2.0, 17.0, 40.2)
    place[ExifTags.GPS.GPSAreaInformation] = b"secret place"
    return tags
