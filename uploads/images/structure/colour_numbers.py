"""Read the numbers (ITU-T H.273) by which an AVIF or PNG says what its colours mean, because Pillow does not."""

from __future__ import annotations

from collections.abc import Mapping

from uploads.images.metadata.isobmff_boxes import boxes
from uploads.images.metadata.isobmff_needs import associations
from uploads.images.metadata.segments import Data, UnstrippableImage, number
from uploads.images.structure import png


def read(data: Data) -> Mapping[str, int]:
    """Return the numbers of the colour primaries and the transfer characteristics, named as by pillow-heif.

    Empty if there are none, or if they cannot be read.
    """
    try:
        found = _of_png(data) if data[:8] == png.SIGNATURE else _of_avif(data)
    except UnstrippableImage:
        return {}
    return dict(zip(("color_primaries", "transfer_characteristics"), found or (), strict=False))


def _of_png(data: Data) -> tuple[int, int] | None:
    for kind, content in png.chunks(data):
        if kind == b"cICP":
            return number(data, content.start, 1), number(data, content.start + 1, 1)
    return None


def _of_avif(data: Data) -> tuple[int, int] | None:
    """Return the numbers of the primary image."""
    outer = next((box for box in boxes(data, 0, len(data), tail=True) if box.kind == b"meta"), None)
    if outer is None:
        return None
    meta = bytearray(data[outer.body + 4 : outer.stop])
    tables = {box.kind: box for box in boxes(meta, 0, len(meta))}
    if b"pitm" not in tables or b"iprp" not in tables:
        return None
    primary, around = tables[b"pitm"], tables[b"iprp"]
    item = number(meta, primary.body + 4, 4 if number(meta, primary.body, 1) else 2)
    inner = [box for box in boxes(meta, around.body, around.stop) if box.kind == b"ipco"]
    properties = dict(enumerate((entry for box in inner for entry in boxes(meta, box.body, box.stop)), 1))
    for _, at in associations(meta, around).get(item, ()):
        found = properties.get(at)
        if found and found.kind == b"colr" and meta[found.body : found.body + 4] == b"nclx":
            return number(meta, found.body + 4, 2), number(meta, found.body + 6, 2)
    return None
