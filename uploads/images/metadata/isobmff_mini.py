"""Read AVIF in one minimized box (`mini`) of packed bit fields, which Chromium shows but few other decoders do yet.

It is stored as the same image in ordinary boxes, which every AVIF decoder reads. Metadata about people and places, and
the gain map of an HDR photo, are not carried over.
"""

from __future__ import annotations

from uploads.images.metadata.isobmff_boxes import boxes
from uploads.images.metadata.isobmff_made import Picture, written
from uploads.images.metadata.segments import Data, UnstrippableImage

BRAND = b"mif3"
"""The brand of such files; the number after it names the codec."""


def is_minimized(data: Data) -> bool:
    """Whether the file declares itself an AVIF in one box."""
    return data[4:16] == b"ftyp" + BRAND + b"avif"


def expanded(data: Data) -> bytes:
    """Return the same image in ordinary boxes. Raises `UnstrippableImage` if it cannot be read."""
    found = [box for box in boxes(data, 0, len(data), tail=True) if box.kind == b"mini"]
    if len(found) != 1:
        raise UnstrippableImage("no picture in one box")
    return written(_read(bytes(data[found[0].body : found[0].stop])))


class _Bits:
    """Reads numbers of any number of bits, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __call__(self, count: int) -> int:
        self._at += count
        if self._at > 8 * len(self._data):
            raise UnstrippableImage("a box cut off")
        first, last = (self._at - count) // 8, -(-self._at // 8)
        return int.from_bytes(self._data[first:last], "big") >> (8 * last - self._at) & ((1 << count) - 1)

    def rest(self) -> bytes:
        """Return what follows the current byte."""
        return self._data[-(-self._at // 8) :]


def _read(content: bytes) -> Picture:
    read = _Bits(content)
    if read(2):
        raise UnstrippableImage("an unknown version")
    types, floats, full, alpha, cicp, hdr, icc, exif, xmp = (bool(read(1)) for _ in range(9))
    if types or floats or hdr:
        raise UnstrippableImage("a picture of a kind that is not read here")
    chroma, orientation = read(2), read(3) + 1
    side = 15 if read(1) else 7
    width, height = read(side) + 1, read(side) + 1
    # The position of the chroma samples, which the coded image also contains.
    read({1: 2, 2: 1}.get(chroma, 0))
    depth = read(3) + 9 if read(1) else 8
    premultiplied = bool(alpha and read(1))
    colours = _colours(read, chroma, explicit=cicp, profile=icc)
    sizes = _Sizes(read, alpha=alpha, icc=icc, exif=exif, xmp=xmp)
    parts = sizes.parts(read.rest())
    main = (parts["main config"], parts["main"])
    return Picture(
        width=width,
        height=height,
        orientation=orientation,
        channels=3 if chroma else 1,
        depth=depth,
        colours=colours,
        full_range=full,
        profile=parts["icc"],
        main=main,
        alpha=(parts["alpha config"] or main[0], parts["alpha"]) if parts["alpha"] else None,
        premultiplied=premultiplied,
    )


def _colours(read: _Bits, chroma: int, *, explicit: bool, profile: bool) -> tuple[int, int, int]:
    if explicit:
        return read(8), read(8), read(8) if chroma else 2
    matrix = 6 if chroma else 2
    return (2, 2, matrix) if profile else (1, 13, matrix)


class _Sizes:
    """Return the length of each part after the fields."""

    def __init__(self, read: _Bits, *, alpha: bool, icc: bool, exif: bool, xmp: bool) -> None:
        metadata = 20 if (icc or exif or xmp) and read(1) else 10
        config, pixels = 12 if read(1) else 3, 28 if read(1) else 15
        self._sizes = {"icc": read(metadata) + 1 if icc else 0}
        self._sizes |= {"main config": read(config), "main": read(pixels) + 1}
        self._sizes["alpha"] = read(pixels) if alpha else 0
        self._sizes["alpha config"] = read(config) if self._sizes["alpha"] else 0
        if (exif or xmp) and read(1):
            raise UnstrippableImage("compressed metadata")
        self._sizes["exif"] = read(metadata) + 1 if exif else 0
        self._sizes["xmp"] = read(metadata) + 1 if xmp else 0

    def parts(self, content: bytes) -> dict[str, bytes]:
        """Return the parts of `content` by name. Raises `UnstrippableImage` unless they fill it."""
        if sum(self._sizes.values()) != len(content):
            raise UnstrippableImage("parts that do not fill their box")
        parts, at = {}, 0
        for name in ("main config", "alpha config", "icc", "alpha", "main", "exif", "xmp"):
            parts[name] = content[at : at + self._sizes[name]]
            at += self._sizes[name]
        return parts
