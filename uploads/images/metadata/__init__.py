"""Select what is stored of an image's bytes: pixels, colours and orientation, and nothing about people or places.

This decodes and re-encodes nothing: segments, chunks and items are kept or dropped whole, so no pixel changes.
The list is of what is kept; anything unforeseen is dropped. Each format has its own module; all are pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from uploads.images.metadata import isobmff, jpeg, png, webp
from uploads.images.metadata.segments import CutOff, Data, Segment, UnstrippableImage

__all__ = ["CutOff", "Data", "Segment", "UnstrippableImage", "retained_segments"]


def retained_segments(content_type: str, data: Data, orientation: int) -> Iterator[Segment]:
    """Return the segments of the stored image: ranges of `data`, and bytes of our own in between.

    `orientation` (1 to 8) is written anew into JPEG and PNG, where it is among what is dropped. Applied to its own
    result it returns the same bytes.
    Raises `UnstrippableImage`, possibly midway, if the bytes are not laid out as they should be.
    """
    if content_type == "image/jpeg":
        return jpeg.retained_segments(data, orientation)
    if content_type == "image/png":
        return png.retained_segments(data, orientation)
    if content_type == "image/webp":
        return webp.retained_segments(data)
    # In AVIF and HEIC the orientation is part of the image.
    return isobmff.retained_segments(data)
