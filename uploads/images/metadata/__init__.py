"""Select what is stored of an image's bytes: pixels, colours and orientation, and nothing about people or places.

This decodes and re-encodes nothing: segments, chunks and items are kept or dropped whole, so no pixel changes.
The list is of what is kept; anything unforeseen is dropped. Each format has its own module; all are pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from uploads.images.metadata import isobmff, jpeg, png, webp
from uploads.images.metadata.pieces import Data, Piece, Unsafe

__all__ = ["Data", "Piece", "Unsafe", "kept"]


def kept(content_type: str, data: Data, orientation: int) -> Iterator[Piece]:
    """Return the segments of the stored image: ranges of `data`, and bytes of our own in between.

    `orientation` (1 to 8) is written anew into JPEG and PNG, where it is among what is dropped. Applied to its own
    result it returns the same bytes.
    Raises `Unsafe`, possibly midway, if the bytes are not laid out as they should be.
    """
    if content_type == "image/jpeg":
        return jpeg.kept(data, orientation)
    if content_type == "image/png":
        return png.kept(data, orientation)
    if content_type == "image/webp":
        return webp.kept(data)
    # In AVIF and HEIC the orientation is part of the image.
    return isobmff.kept(data)
