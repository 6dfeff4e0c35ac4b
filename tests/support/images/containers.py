"""AVIF and HEIC files whose boxes are arranged in other ways."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from PIL import Image

from tests.support.corpus.builders import box, moved, saved
from uploads.images.metadata.isobmff_boxes import Box, boxes

ESSENTIAL = 0x80


def child(content: bytes, around: Box | None, kind: bytes) -> Box:
    """Return the first box of a kind in another box, or in the file."""
    start = 0 if around is None else around.body + (4 if around.kind == b"meta" else 0)
    stop = len(content) if around is None else around.stop
    return next(found for found in boxes(content, start, stop) if found.kind == kind)


def properties(content: bytes) -> Box:
    """Return the box `iprp`."""
    return child(content, child(content, None, b"meta"), b"iprp")


def associations(numbers: Sequence[int], item: int = 1) -> bytes:
    """Return a table that gives one item these properties."""
    return box(b"ipma", struct.pack(">IIHB", 0, 1, item, len(numbers)) + bytes(numbers))


def avif_with(content: bytes, extra: Sequence[bytes], *tables: bytes) -> bytes:
    """Return an AVIF of one image as written by Pillow, with more properties, each of which it requires.

    `tables` follow its own table.
    """
    around = properties(content)
    shared, own = child(content, around, b"ipco"), child(content, around, b"ipma")
    held = content[own.body + 11 : own.stop]
    first = 1 + sum(1 for _ in boxes(content, shared.body, shared.stop))
    added = bytes(ESSENTIAL | number for number in range(first, first + len(extra)))
    inner = box(b"ipco", content[shared.body : shared.stop] + b"".join(extra))
    return replaced(content, box(b"iprp", inner + associations([*held, *added]) + b"".join(tables)))


def with_tables(content: bytes, *tables: bytes) -> bytes:
    """Return an AVIF or HEIC with other tables of its items' properties."""
    around = properties(content)
    shared = child(content, around, b"ipco")
    return replaced(content, box(b"iprp", content[shared.start : shared.stop] + b"".join(tables)))


def parted(content: bytes) -> bytes:
    """Return an AVIF with transparency whose items have one table each."""
    own = child(content, properties(content), b"ipma")
    head, at, tables = content[own.body : own.body + 4], own.body + 8, []
    for _ in range(int.from_bytes(content[own.body + 4 : at], "big")):
        stop = at + 3 + content[at + 2]
        tables.append(box(b"ipma", head + bytes([0, 0, 0, 1]) + content[at:stop]))
        at = stop
    return with_tables(content, *tables)


def replaced(content: bytes, new: bytes) -> bytes:
    """Return `content` with another box `iprp`; the offsets of the items' bytes are shifted accordingly."""
    meta, old = child(content, None, b"meta"), properties(content)
    by = len(new) - (old.stop - old.start)
    made = bytearray(content)
    moved(made, made.index(b"iloc") + 4, by)
    made[old.start : old.stop] = new
    made[meta.start : meta.start + 4] = (meta.stop - meta.start + by).to_bytes(4, "big")
    return bytes(made)


# --- One minimized box


class Bits:
    """Writes numbers of any number of bits, one after the other."""

    def __init__(self) -> None:
        self._text = ""

    def __call__(self, *pairs: tuple[int, int]) -> None:
        """Write pairs of a number and its number of bits."""
        self._text += "".join(f"{number:0{bits}b}" for number, bits in pairs if bits)

    def content(self) -> bytes:
        whole = self._text + "0" * (-len(self._text) % 8)
        return int(whole, 2).to_bytes(len(whole) // 8, "big")


CHROMA = {"4:0:0": 0, "4:2:0": 1, "4:2:2": 2, "4:4:4": 3}


def items_of(content: bytes) -> list[bytes]:
    """Return the bytes of the items of an AVIF as written by Pillow: its image, then its transparency."""
    at = content.index(b"iloc") + 12
    found = []
    for _ in range(int.from_bytes(content[at - 2 : at], "big")):
        start, length = struct.unpack(">II", content[at + 6 : at + 14])
        found.append(content[start : start + length])
        at += 14
    return found


def minimized(
    image: Image.Image,
    *,
    subsampling: str = "4:4:4",
    orientation: int = 1,
    cicp: tuple[int, int, int] | None = None,
    profile: bytes = b"",
    exif: bytes = b"",
    xmp: bytes = b"",
    **options: object,
) -> bytes:
    """Return an AVIF in one box, of an image as encoded by Pillow."""
    avif = saved(image, "AVIF", subsampling=subsampling, **options)
    main, *rest = items_of(avif)
    shared = child(avif, properties(avif), b"ipco")
    configs = [avif[b.body : b.stop] for b in boxes(avif, shared.body, shared.stop) if b.kind == b"av1C"]
    alpha, chroma = (rest[0] if rest else b""), CHROMA[subsampling]
    write = Bits()
    flags = (0, 0, 1, int(bool(alpha)), int(cicp is not None), 0, int(bool(profile)), int(bool(exif)), int(bool(xmp)))
    write((0, 2), *((flag, 1) for flag in flags), (chroma, 2), (orientation - 1, 3))
    sides = 15 if max(image.size) > 128 else 7
    write((int(sides == 15), 1), (image.width - 1, sides), (image.height - 1, sides))
    write({1: (3, 2), 2: (0, 1)}.get(chroma, (0, 0)), (0, 1), (0, int(bool(alpha))))
    write(*((number, 8) for number in cicp or ()))
    told = 20 if max(len(profile), len(exif), len(xmp)) > 1024 else 10
    write((int(told == 20), int(bool(profile or exif or xmp))))
    pixels = 28 if max(len(main), len(alpha)) > 32_767 else 15
    write((0, 1), (int(pixels == 28), 1), (len(profile) - 1, told if profile else 0))
    write((len(configs[0]), 3), (len(main) - 1, pixels))
    if alpha:
        write((len(alpha), pixels), (len(configs[-1]), 3))
    if exif or xmp:
        write((0, 1), (len(exif) - 1, told if exif else 0), (len(xmp) - 1, told if xmp else 0))
    parts = [write.content(), configs[0], configs[-1] if alpha else b"", profile, alpha, main, exif, xmp]
    return box(b"ftyp", b"mif3avif") + box(b"mini", b"".join(parts))
