"""What of an image's bytes is stored: its pixels, colours and orientation, and nothing that tells of people or places.

Nothing is decoded or encoded again: segments, chunks and items are kept or left out whole, so every pixel stays what
it was. What is kept is listed; what nobody thought of goes. Each format has a module of its own; all are pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from uploads.images.metadata import isobmff, jpeg, png, webp
from uploads.images.metadata.pieces import Data, Piece, Unsafe

__all__ = ["Data", "Piece", "Unsafe", "kept"]


def kept(content_type: str, data: Data, orientation: int) -> Iterator[Piece]:
    """The pieces the stored image is made of: ranges of `data`, and bytes of our own in between.

    `orientation` (1 to 8) is written anew into JPEG and PNG, which have it among what is left out. Done once more with
    the result it gives the same bytes. Raises `Unsafe`, also half way, when the bytes are not laid out as they should.
    """
    if content_type == "image/jpeg":
        return jpeg.kept(data, orientation)
    if content_type == "image/png":
        return png.kept(data, orientation)
    if content_type == "image/webp":
        return webp.kept(data)
    # AVIF and HEIC say their orientation with the picture itself.
    return isobmff.kept(data)
