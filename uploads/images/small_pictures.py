"""Makes the small pictures of an image: upright, and in sRGB, so that they say nothing but what is seen.

Made in the child processes of `uploads.images.checker`; no Django here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from uploads.core.small_pictures import fitted
from uploads.images import colour_profiles, exif

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = 80
EFFORT = 0
"""Of 6. The usual 4 takes four times as long, for a hundredth to a twentieth of the bytes (measured)."""


def needed(width: int, height: int, orientation: int, widths: Sequence[int]) -> tuple[int, int]:
    """Return the pixels each way, as they are coded, that a `width` x `height` image has to be decoded to."""
    if not widths:
        return 1, 1
    return exif.upright(*fitted(*exif.upright(width, height, orientation), max(widths)), orientation)


def made(image: Image, size: tuple[int, int], orientation: int, widths: Sequence[int]) -> tuple[bytes, ...]:
    """Return the decoded `image`, of which `size` is the one it is coded in, as WebP of each of the `widths`.

    `image` may be decoded to fewer pixels than `size`, as `needed` tells. Each picture is made of the next larger one.
    """
    if not widths:
        return ()
    # The steps go from the most to the fewest pixels, and the dear ones come last.
    reduced = _resized(colour_profiles.resizable(image), needed(*size, orientation, widths))
    shown = _upright(colour_profiles.in_srgb(reduced, image.info.get("icc_profile")), orientation)
    pictures: dict[int, bytes] = {}
    for width in sorted(widths, reverse=True):
        shown = _resized(shown, fitted(*exif.upright(*size, orientation), width))
        pictures[width] = _encoded(shown)
    return tuple(pictures[width] for width in widths)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    from PIL.Image import Resampling

    return image if image.size == size else image.resize(size, Resampling.HAMMING, reducing_gap=4.0)


def _upright(image: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _encoded(image: Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "WEBP", quality=QUALITY, method=EFFORT)
    return content.getvalue()
