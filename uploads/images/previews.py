"""Previews of images that few browsers can show: smaller, upright, in the right colours.

Created in the child processes of `uploads.images.checker`; no Django here.
"""

from __future__ import annotations

import io

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images import colours, heif, structure

SMALL_PIXELS = 480
"""A card of the dialog is at most 240 CSS pixels wide."""
LARGE_PIXELS = 2048
"""For the lightbox and the page of a product."""
CONTENT_TYPE = "image/webp"
"""WebP keeps transparency, and every supported browser shows it."""
QUALITY = 82
EFFORT = 2
"""Of 6: half the time of the default 4, and a thirtieth more bytes (measured)."""


def render(
    content: bytes,
    pixels: int,
    max_pixels: int,
    limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
) -> bytes | Code:
    """Run in a child: return the image in `content` as WebP within `pixels` each way, or the code of a refusal."""
    from PIL import Image

    # It may be requested before the image has been checked.
    problem = structure.problem(content, limits)
    if problem is not None:
        return problem
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=heif.opened_as()) as image:
            if image.width * image.height > max_pixels:
                return Code.TOO_MANY_PIXELS
            profile = image.info.get("icc_profile")
            image.thumbnail((pixels, pixels))
            shown = colours.in_srgb(image.convert("RGBA" if image.has_transparency_data else "RGB"))
        made = io.BytesIO()
        shown.save(made, "WEBP", quality=QUALITY, method=EFFORT, icc_profile=profile)
        return made.getvalue()
    except Exception:  # noqa: BLE001 - decoders raise nearly anything on hostile input
        return Code.IMAGE_UNREADABLE
