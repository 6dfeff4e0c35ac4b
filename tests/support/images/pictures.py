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


def _noise(seed: int, width: int, height: int) -> Image.Image:
    pixels = random.Random(seed).randbytes(width * height * 3)  # noqa: S311 - a picture, no secret
    return Image.frombytes("RGB", (width, height), pixels)


def _encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()
