"""HEIC photos as iPhones take them, generated in code."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence
from typing import Any

from PIL import Image

from tests.support.corpus.builders import chunks_of, png, saved
from tests.support.images.photos import corners, exif_block, turned

TILE = 512
"""An iPhone assembles a photo from tiles of this size in pixels."""


def iphone_photo(width: int = 1200, height: int = 800, *, orientation: int = 6, **options: Any) -> bytes:
    """Return a photo that is shown `width` x `height` pixels large, with `photos.CORNERS`, and is stored rotated.

    It has tiles, a thumbnail, and everything in `exif_block`. The rotation is in the image's properties, which apply,
    and in its EXIF, which does not.
    """
    return heic(
        turned(corners(width, height), orientation),
        **{"exif": exif_block(orientation).tobytes(), "thumbnails": [320], **options},
    )


def heic(image: Image.Image, **options: Any) -> bytes:
    """Encode `image` as HEIC with a single image."""
    made = io.BytesIO()
    image.save(made, "HEIF", **{"quality": 80, "tile_size": TILE, **options})
    return made.getvalue()


# --- HDR

PRIMARIES_2020, PRIMARIES_P3, SRGB, PQ, HLG = 9, 12, 13, 16, 18
"""Numbers of ITU-T H.273: two sets of primaries, three transfer characteristics."""
UNNUMBERED = b"colrnclx" + bytes([0, 1, 0, SRGB])
"""As Pillow writes an AVIF: sRGB."""
Colour = tuple[int, int, int]
TO_2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
"""From linear sRGB."""


def numbered(image: Image.Image, primaries: int, transfer: int, **options: Any) -> bytes:
    """`image` as HEIC that says by numbers what its colours mean."""
    numbers = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": 9}
    return heic(image, **{**numbers, "full_range_flag": 1, "quality": 100, "chroma": 444, **options})


def numbered_avif(image: Image.Image, primaries: int, transfer: int, **options: object) -> bytes:
    """Return `image` as an AVIF that says by numbers what its colours mean."""
    content = saved(image, "AVIF", quality=100, subsampling="4:4:4", **options)
    assert content.count(UNNUMBERED) == 1
    return content.replace(UNNUMBERED, b"colrnclx" + bytes([0, primaries, 0, transfer]))


def numbered_png(image: Image.Image, primaries: int, transfer: int, **options: object) -> bytes:
    """Return `image` as a PNG that does."""
    header, *others = chunks_of(saved(image, "PNG", **options))
    return png(header, (b"cICP", bytes([primaries, transfer, 0, 1])), *others)


def patches(colours: Sequence[Colour]) -> Image.Image:
    """An area of 64 x 64 pixels for each colour, side by side."""
    image = Image.new("RGB", (64 * len(colours), 64))
    for at, colour in enumerate(colours):
        image.paste(colour, (64 * at, 0, 64 * at + 64, 64))
    return image


def in_hdr(colour: Colour, transfer: int) -> Colour:
    """A colour of sRGB as BT.2020 has it in PQ or HLG: white is as bright as paper, 203 nits (ITU-R BT.2408)."""
    linear = [c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for part in colour]
    nits = [203 * sum(a * b for a, b in zip(row, linear, strict=True)) for row in TO_2020]
    if transfer == HLG:
        bright = (0.2627 * nits[0] + 0.6780 * nits[1] + 0.0593 * nits[2]) / 1000
        signal = [_hlg(part / 1000 * bright ** (1 / 1.2 - 1)) if part else 0 for part in nits]
    else:
        signal = [_pq(part / 10_000) for part in nits]
    red, green, blue = (round(255 * part) for part in signal)
    return red, green, blue


def _pq(light: float) -> float:
    power = light**0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def _hlg(light: float) -> float:
    return math.sqrt(3 * light) if light <= 1 / 12 else 0.17883277 * math.log(12 * light - 0.28466892) + 0.55991073


def burst() -> bytes:
    """Two images in one file, the second of which is the primary one."""
    first, second = corners(320, 240), corners(96, 64)
    made = io.BytesIO()
    first.save(made, "HEIF", save_all=True, append_images=[second], primary_index=1)
    return made.getvalue()


def film() -> bytes:
    """A file that declares itself an image sequence."""
    return heic(corners(96, 64)).replace(b"ftypheic", b"ftyphevc", 1)


def understated(photo: bytes, size: tuple[int, int], said: tuple[int, int]) -> bytes:
    """A photo of `size` whose properties claim another size; its coded pixels are unchanged."""
    kind = b"ispe" + bytes(4)
    return photo.replace(kind + struct.pack(">II", *size), kind + struct.pack(">II", *said))
