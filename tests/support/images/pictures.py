"""Images generated in code from a seed; nothing is downloaded or stored."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image


@cache
def picture(format_: str = "JPEG", width: int = 320, height: int = 240, seed: int = 1) -> bytes:
    """Return a small valid image; different seeds give different bytes."""
    image = _noise(seed, 16, 12).resize((width, height), Image.Resampling.BICUBIC)
    return _encoded(image, format_)


@cache
def photo(megabytes: float, seed: int = 1) -> bytes:
    """Return a JPEG of about `megabytes`, as noisy as a photo (cameras produce 3 to 8 MB)."""
    # At this quality a pixel of noise takes 1.18 bytes (measured).
    side = int((megabytes * 1_000_000 / 1.17) ** 0.5)
    return _encoded(_noise(seed, side, side), "JPEG", quality=95)


def landscape(width: int = 4032, height: int = 3024, seed: int = 1) -> Image.Image:
    """Large shapes with ever finer ones on them and a little grain, as what people photograph has."""
    shown = _noise(seed, 4, 3).resize((width, height), Image.Resampling.BICUBIC)
    across = 8
    while across < width:
        finer = _noise(seed + across, across, across * 3 // 4).resize((width, height), Image.Resampling.BILINEAR)
        shown = Image.blend(shown, finer, 0.3 if across < 100 else 0.15)
        across *= 2
    return shown


def camera_photo(width: int = 4032, height: int = 3024, seed: int = 1, **options: object) -> bytes:
    """A JPEG of a landscape, by default of twelve megapixels and about 4 MB."""
    return _encoded(landscape(width, height, seed), "JPEG", **{"quality": 93, **options})


def _noise(seed: int, width: int, height: int) -> Image.Image:
    pixels = random.Random(seed).randbytes(width * height * 3)  # noqa: S311 - a picture, no secret
    return Image.frombytes("RGB", (width, height), pixels)


def _encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()
