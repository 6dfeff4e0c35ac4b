"""Inspect the structure of an image file before a decoder reads it: how much work it is, and where it is broken.

Decoders written in C silently go through tens of thousands of scans, chunks or boxes, and Pillow accepts PNGs that no
browser shows. These modules decode nothing; what they cannot parse is left to the decoder. All modules are pure.
"""

from __future__ import annotations

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.segments import Data
from uploads.images.structure import isobmff, jpeg, png, webp

__all__ = ["HEAD_BYTES", "content_type", "problem"]

GIF = b"GIF8"
HEAD_BYTES = isobmff.MOST_BRANDS_BYTES
"""How many of the first bytes identify a format."""


def content_type(data: Data) -> str | None:
    """Return the content type of an image by its first bytes; None if unknown. GIF is known, but not accepted."""
    if data[:2] == jpeg.SIGNATURE:
        return "image/jpeg"
    if data[:8] == png.SIGNATURE:
        return "image/png"
    if data[:4] == webp.SIGNATURE and data[8:12] == webp.FORM:
        return "image/webp"
    return "image/gif" if data[:4] == GIF else isobmff.content_type(data)


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """Return why the file must not be decoded, or None.

    The codes are ``image_too_complex``, ``image_unreadable`` and ``unsupported_type``.
    """
    if data[:2] == jpeg.SIGNATURE:
        return jpeg.problem(data, limits)
    if data[:8] == png.SIGNATURE:
        return png.problem(data, limits)
    if data[:4] == webp.SIGNATURE:
        return webp.problem(data, limits)
    if data[4:8] == isobmff.SIGNATURE:
        return isobmff.problem(data, limits)
    return None
