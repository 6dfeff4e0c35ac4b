"""All the ways, valid and invalid, in which an image may declare its orientation, and what browsers make of each.

Every image is stored as a camera held in orientation 6 stores `photos.corners`. The number beside it is the orientation
that Chromium applies (checked by `tests/browser/test_orientation.py`).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from tests.support.corpus.builders import PNG, before, box, chunks_of, png, riff, saved
from tests.support.images.containers import avif_with
from tests.support.images.metadata_checks import chunk, segment
from tests.support.images.photos import corners, turned
from uploads.images import exif
from uploads.images.structure import jpeg

Order = Literal["big", "little"]
SHORT, LONG = 3, 4
SIZES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 6: 1, 7: 1, 8: 2, 9: 4, 11: 4}
HEADER = b"Exif\0\0"


class Way(Struct, frozen=True):
    """An image, and the orientation that browsers apply."""

    content_type: str
    content: bytes
    orientation: int


# --- Blocks of tags


def entry(order: Order, value: int = 6, tag: int = exif.ORIENTATION, kind: int = SHORT, count: int = 1) -> bytes:
    """A tag with one number, at the start of its four bytes."""
    number = value.to_bytes(SIZES.get(kind, 4), order).ljust(4, b"\0")
    return tag.to_bytes(2, order) + kind.to_bytes(2, order) + count.to_bytes(4, order) + number


def listed(order: Order, *entries: bytes, said: int | None = None, following: int = 0) -> bytes:
    """A list of tags that declares its length, and where the next one is."""
    count = len(entries) if said is None else said
    return count.to_bytes(2, order) + b"".join(entries) + following.to_bytes(4, order)


def tiff(order: Order, tags: bytes, *others: bytes, at: int = 8) -> bytes:
    """A block whose first list is `tags`, followed by `more`."""
    mark = b"MM\0*" if order == "big" else b"II*\0"
    return mark + at.to_bytes(4, order) + bytes(at - 8) + tags + b"".join(others)


def block(value: int = 6, order: Order = "big") -> bytes:
    return tiff(order, listed(order, entry(order, value)))


def _details(order: Order, *before: bytes, behind: Sequence[bytes] = (), count: int = 1, kind: int = LONG) -> bytes:
    """A block whose list points to another one, which says 6."""
    at = 8 + 2 + 12 * (len(before) + len(behind) + 1) + 4
    leads = entry(order, at, exif.DETAILS, kind, count)
    return tiff(order, listed(order, *before, leads, *behind), listed(order, entry(order)))


def blocks(order: Order) -> dict[str, tuple[bytes, int]]:
    """Blocks in one byte order."""

    def of(value: int = 6, **facts: int) -> bytes:
        return entry(order, value, **facts)

    other: Order = "little" if order == "big" else "big"
    size = of(9, tag=0x100)
    following = tiff(order, listed(order, size, following=26), listed(order, of()))
    return {
        **{f"value-{value}": (block(value, order), value if 1 <= value <= 8 else 1) for value in range(11)},
        **{f"type-{kind}": (tiff(order, listed(order, of(kind=kind))), 1) for kind in SIZES if kind != SHORT},
        **{f"count-{count}": (tiff(order, listed(order, of(count=count))), 1) for count in (0, 2, 2**31)},
        "first-of-two": (tiff(order, listed(order, of(), of(3))), 6),
        "no-turn-first": (tiff(order, listed(order, of(1), of())), 1),
        "none-first": (tiff(order, listed(order, of(9), of())), 6),
        "long-first": (tiff(order, listed(order, of(3, kind=LONG), of())), 6),
        "not-sorted": (tiff(order, listed(order, of(tag=0x8822), of(), size)), 6),
        "in-details": (_details(order), 6),
        "details-then-3": (_details(order, behind=[of(3)]), 6),
        "3-then-details": (_details(order, of(3)), 3),
        "none-then-details": (_details(order, of(0)), 6),
        "two-details": (_details(order, of(8, tag=exif.DETAILS, kind=LONG)), 1),
        "details-of-two": (_details(order, count=2), 1),
        "details-by-short": (_details(order, kind=SHORT), 1),
        "next-list": (following, 1),
        "says-more": (tiff(order, listed(order, of(), said=5000)), 6),
        "says-less": (tiff(order, listed(order, size, of(), said=1)), 1),
        "no-next": (block(6, order)[:-4], 6),
        "cut-value": (block(6, order)[:-6], 1),
        "far": (tiff(order, listed(order, of()), at=101), 6),
        "beyond": (block(6, order).replace((8).to_bytes(4, order), (999).to_bytes(4, order), 1), 1),
        "other-order": (block(6, order)[:4] + block(6, other)[4:], 1),
        "big-tiff": (block(6, order).replace((42).to_bytes(2, order), (43).to_bytes(2, order), 1), 1),
        "prefixed": (HEADER + block(6, order), 1),
        "empty": (b"", 1),
    }


ALL_BLOCKS = {f"{order}-{name}": found for order in ("big", "little") for name, found in blocks(order).items()}


# --- JPEG


def _jpeg(**options: object) -> bytes:
    return saved(turned(corners(96, 64), 6), "JPEG", quality=90, **options)


def app1(content: bytes, header: bytes = HEADER) -> bytes:
    return segment(0xE1, header + content)


def jpegs() -> dict[str, tuple[bytes, int]]:
    good, xmp = _jpeg(), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)

    def with_(*extra: bytes) -> bytes:
        return before(good, 0xDB, *extra)

    return {
        **{f"block-{name}": (with_(app1(made)), seen) for name, (made, seen) in ALL_BLOCKS.items()},
        "header-of-another-end": (with_(app1(block(), b"Exif\0\xff")), 6),
        "header-lower": (with_(app1(block(), b"exif\0\0")), 1),
        "header-short": (with_(app1(block(), b"Exif\0")), 1),
        "header-none": (with_(app1(block(), b"")), 1),
        "header-twice": (with_(app1(block(), HEADER * 2)), 1),
        "two": (with_(app1(block()), app1(block(3))), 6),
        "broken-then-6": (with_(app1(b"x"), app1(block())), 1),
        "empty-then-6": (with_(app1(b""), app1(block())), 6),
        "parted": (with_(app1(block()[:12]), app1(block()[12:])), 1),
        "xmp": (with_(xmp), 1),
        "xmp-then-3": (with_(xmp, app1(block(3))), 3),
        "other-segment": (with_(segment(0xE2, HEADER + block())), 1),
        "first": (good[:2] + app1(block()) + good[2:], 6),
        "behind-frame": (before(good, 0xC4, app1(block())), 6),
        "before-scan": (before(good, jpeg.SOS, app1(block())), 6),
        "behind-scan": (before(good, jpeg.EOI, app1(block())), 1),
        "behind-end": (good + app1(block()), 1),
        "progressive": (before(_jpeg(progressive=True), 0xDB, app1(block())), 6),
    }


# --- PNG

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def _png(*, palette: bool = False) -> list[tuple[bytes, bytes]]:
    image = turned(corners(96, 64), 6)
    return chunks_of(saved(image.quantize(8) if palette else image, "PNG"))


def _raw_profile() -> bytes:
    """As written by ImageMagick."""
    written = (HEADER + block()).hex().encode()
    return b"\nexif\n%8d\n%s\n" % (len(written) // 2, written)


def pngs() -> dict[str, tuple[bytes, int]]:
    first, pixels, end = _png()
    six, three = (b"eXIf", block()), (b"eXIf", block(3))
    wrong_sum = chunk(*three)[:-4] + b"\1\2\3\4"
    return {
        **{
            f"block-{name}": (png(first, (b"eXIf", made), pixels, end), seen)
            for name, (made, seen) in ALL_BLOCKS.items()
        },
        # GraphicsMagick writes it there.
        "behind-pixels": (png(first, pixels, six, end), 1),
        "before-and-behind": (png(first, six, pixels, three, end), 6),
        "two": (png(first, six, three, pixels, end), 6),
        "broken-then-6": (png(first, (b"eXIf", b"x"), six, pixels, end), 1),
        "wrong-sum": (PNG + chunk(*first) + wrong_sum + chunk(*pixels) + chunk(*end), 1),
        "wrong-sum-then-6": (PNG + chunk(*first) + wrong_sum + chunk(*six) + chunk(*pixels) + chunk(*end), 6),
        "before-palette": (png(_png(palette=True)[0], six, *_png(palette=True)[1:]), 6),
        "other-kind": (png(first, (b"exIf", block()), pixels, end), 1),
        "raw-profile": (png(first, (b"tEXt", b"Raw profile type exif\0" + _raw_profile()), pixels, end), 1),
        "raw-profile-packed": (
            png(first, (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(_raw_profile())), pixels, end),
            1,
        ),
        "xmp": (png(first, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP), pixels, end), 1),
    }


# --- WebP and AVIF


def webps() -> dict[str, tuple[bytes, int]]:
    """Chromium applies none of them."""
    header = struct.pack("<I", 0x08) + (63).to_bytes(3, "little") + (95).to_bytes(3, "little")
    made = {}
    for name, lossless in (("lossless", True), ("lossy", False)):
        kind, pixels = (b"VP8L", b"VP8 ")[not lossless], b""
        content = saved(turned(corners(96, 64), 6), "WEBP", lossless=lossless, quality=90)
        pixels = content[20 : 20 + int.from_bytes(content[16:20], "little")]
        for prefix in (b"", HEADER):
            made[f"{name}{'-prefixed' if prefix else ''}"] = (
                riff((b"VP8X", header), (kind, pixels), (b"EXIF", prefix + block())),
                1,
            )
    return made


def avifs() -> dict[str, tuple[bytes, int]]:
    """The image's own properties apply, rotated before mirrored, whatever their order."""
    seen: dict[tuple[int, int | None], int] = {(0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6}
    seen |= {(0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7, (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5}
    picture = saved(turned(corners(96, 64), 6), "AVIF")
    made = {}
    for (angle, axis), orientation in seen.items():
        turns = [box(b"irot", bytes([angle]))] + ([] if axis is None else [box(b"imir", bytes([axis]))])
        made[f"turn-{angle}-mirror-{axis}"] = (avif_with(picture, turns), orientation)
        if axis is not None:
            made[f"mirror-{axis}-turn-{angle}"] = (avif_with(picture, turns[::-1]), orientation)
    made |= {f"mirror-{axis}": (avif_with(picture, [box(b"imir", bytes([axis]))]), (4, 2)[axis]) for axis in (0, 1)}
    told = saved(turned(corners(96, 64), 6), "AVIF", exif=HEADER + block(1))
    return made | {"exif-alone": (told.replace(block(1), block(6)), 1)}


FAMILIES: dict[str, tuple[str, Callable[[], dict[str, tuple[bytes, int]]]]] = {
    "jpeg": ("image/jpeg", jpegs),
    "png": ("image/png", pngs),
    "webp": ("image/webp", webps),
    "avif": ("image/avif", avifs),
}


def ways(family: str) -> dict[str, Way]:
    """The ways of one format, by name."""
    content_type, make = FAMILIES[family]
    return {name: Way(content_type, content, orientation) for name, (content, orientation) in make().items()}
