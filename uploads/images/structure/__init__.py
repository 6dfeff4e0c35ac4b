"""What an image file is made of, read before a decoder sees it: how much work it is, and where it is broken.

Decoders of C walk through tens of thousands of scans, chunks or boxes without a word, and Pillow takes PNGs that no
browser shows. Nothing is decoded here; what a module cannot follow is left to the decoder. All modules are pure.
"""

from __future__ import annotations

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.pieces import Data
from uploads.images.structure import isobmff, jpeg, png, webp

__all__ = ["HEAD_BYTES", "content_type", "problem"]

GIF = b"GIF8"
HEAD_BYTES = isobmff.MOST_BRANDS_BYTES
"""How many of the first bytes say what a file is."""


def content_type(data: Data) -> str | None:
    """The content type of an image by how it begins; None for what nobody here knows. GIF is known, and not taken."""
    if data[:2] == jpeg.SIGNATURE:
        return "image/jpeg"
    if data[:8] == png.SIGNATURE:
        return "image/png"
    if data[:4] == webp.SIGNATURE and data[8:12] == webp.FORM:
        return "image/webp"
    return "image/gif" if data[:4] == GIF else isobmff.content_type(data)


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """Why the file must not be decoded: ``image_too_complex``, ``image_unreadable``, ``unsupported_type``; or None."""
    if data[:2] == jpeg.SIGNATURE:
        return jpeg.problem(data, limits)
    if data[:8] == png.SIGNATURE:
        return png.problem(data, limits)
    if data[:4] == webp.SIGNATURE:
        return webp.problem(data, limits)
    if data[4:8] == isobmff.SIGNATURE:
        return isobmff.problem(data, limits)
    return None
