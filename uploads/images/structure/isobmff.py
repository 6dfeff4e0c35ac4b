"""AVIF and HEIC: their boxes, and the entries of their tables."""

from __future__ import annotations

from collections.abc import Iterator

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.isobmff_boxes import Box, boxes
from uploads.images.metadata.isobmff_mini import is_minimized
from uploads.images.metadata.segments import Data, UnstrippableImage, number

SIGNATURE = b"ftyp"
MOST_BRANDS_BYTES = 1024
AVIF = {b"avif", b"avis"}
HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"}
"""Brands of files that contain images or image sequences; the last three are used for any kind."""
AROUND = {b"meta": b"", b"iprp": b"meta", b"ipco": b"iprp", b"iref": b"meta", b"iinf": b"meta", b"grpl": b"meta"}
"""Boxes that contain boxes, and the kind of their parent, so that nesting is finite."""


def content_type(data: Data) -> str | None:
    """Return AVIF or HEIC, as declared; None for other files, above all videos, which consist of the same boxes."""
    if data[4:8] != SIGNATURE:
        return None
    said = data[8 : min(max(16, int.from_bytes(data[:4], "big")), MOST_BRANDS_BYTES)]
    if is_minimized(data):
        return "image/avif"
    # A number follows the first brand.
    brands = {bytes(said[at : at + 4]) for at in range(0, len(said), 4) if at != 4}
    if brands & AVIF:
        return "image/avif"
    return "image/heic" if brands & HEIC else None


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """Find why it must not be decoded; see `uploads.images.structure.problem`."""
    count = 0
    try:
        for box, around in _all(data, 0, len(data), None):
            if box.kind == b"moov" and around is None:
                # A video, whatever it declares: its tables would be parsed as well.
                return Code.UNSUPPORTED_TYPE
            if box.kind == b"colr" and box.stop - box.start > limits.max_profile_bytes:
                return Code.IMAGE_TOO_COMPLEX
            count += 1 + _entries(data, box, around)
            if count > limits.max_boxes:
                return Code.IMAGE_TOO_COMPLEX
    except UnstrippableImage:
        return None
    return None


def _all(data: Data, start: int, stop: int, around: Box | None) -> Iterator[tuple[Box, Box | None]]:
    """Yield each box and its parent, parents first."""
    for box in boxes(data, start, stop, tail=True):
        yield box, around
        if AROUND.get(box.kind) == (around.kind if around else b""):
            yield from _all(data, box.body + _head(data, box), box.stop, box)


def _head(data: Data, box: Box) -> int:
    """Return the offset of the first child in `box`."""
    if box.kind == b"iinf":
        return 8 if number(data, box.body, 1) else 6
    return 4 if box.kind in (b"meta", b"iref") else 0


def _entries(data: Data, box: Box, around: Box | None) -> int:
    """Return how many entries the box claims, besides the boxes in it."""
    if box.kind == b"iloc":
        return number(data, box.body + 6, 4 if number(data, box.body, 1) == 2 else 2)
    if box.kind == b"ipma":
        return number(data, box.body + 4, 4)
    if around and around.kind == b"iref":
        return number(data, box.body + (4 if number(data, around.body, 1) else 2), 2)
    return 0
