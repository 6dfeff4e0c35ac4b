"""Files that are truncated, corrupted in transit or written incorrectly."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from itertools import product

from tests.support.corpus.builders import PNG, chunks_of, header, image, noise, png, saved
from tests.support.corpus.case import Case, case
from tests.support.corpus.good import TYPES
from tests.support.images.metadata_checks import chunk
from uploads.core.errors import Code

BROKEN_CODES = (
    Code.IMAGE_TRUNCATED,
    Code.IMAGE_UNREADABLE,
    Code.UNSUPPORTED_TYPE,
    Code.METADATA_NOT_REMOVABLE,
)
TRUNCATED, UNREADABLE = Code.IMAGE_TRUNCATED, Code.IMAGE_UNREADABLE
CUTS: dict[str, Callable[[int], int]] = {
    "0": lambda _: 0,
    "1": lambda _: 1,
    "8": lambda _: 8,
    "1%": lambda length: length // 100,
    "50%": lambda length: length // 2,
    "99%": lambda length: length * 99 // 100,
    "all-but-20": lambda length: length - 20,
}
WHOLE = {f: image(f) for f in TYPES} | {"PROGRESSIVE": image("JPEG", progressive=True)}


def _cut(name: str, part: str) -> Case:
    return case(f"cut-{name.lower()}-{part}", lambda: WHOLE[name]()[: CUTS[part](len(WHOLE[name]()))], *BROKEN_CODES)


def _cut_and_ended(part: str, **options: object) -> Callable[[], bytes]:
    """A truncated photo with the end marker it would have had."""

    def build() -> bytes:
        whole = saved(noise(300, 200), "JPEG", **options)
        return whole[: CUTS[part](len(whole))] + b"\xff\xd9"

    return build


def _changed(**chunks: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    """A PNG in which `change` replaces some of the original chunks."""

    def build() -> bytes:
        good = chunks_of(saved(noise(60, 40), "PNG"))
        return png(*[(kind, chunks.get(kind.decode(), bytes)(content)) for kind, content in good])

    return build


def _png_of(*order: str, mode: str = "RGB", **extra: bytes) -> Callable[[], bytes]:
    """A PNG of these chunks in this order, taken from a valid one or from `extra`."""

    def build() -> bytes:
        good = dict(chunks_of(saved(noise(60, 40, mode), "PNG")))
        return png(*[(kind.encode(), extra.get(kind) or good.get(kind.encode(), b"")) for kind in order])

    return build


def _wrong_sum(kind: bytes) -> bytes:
    good = saved(noise(60, 40), "PNG")
    return PNG + b"".join(
        chunk(k, c)[:-4] + (b"\1\2\3\4" if k == kind else chunk(k, c)[-4:]) for k, c in chunks_of(good)
    )


def _fewer_rows(content: bytes) -> bytes:
    """Pixels without the last of 40 rows, which Pillow accepts as complete."""
    pixels = zlib.decompress(content)
    return zlib.compress(pixels[: len(pixels) * 39 // 40])


def _between_pixels() -> bytes:
    first, pixels, end = chunks_of(saved(noise(60, 40), "PNG"))
    half = len(pixels[1]) // 2
    return png(first, (b"IDAT", pixels[1][:half]), (b"tEXt", b"a\0b"), (b"IDAT", pixels[1][half:]), end)


def _length(length: int) -> bytes:
    """A PNG whose pixel data claims to be this long."""
    good = saved(noise(60, 40), "PNG")
    at = good.index(b"IDAT") - 4
    return good[:at] + length.to_bytes(4, "big") + good[at + 4 :]


PALETTE = bytes(range(48))
BROKEN = [
    *(_cut(name, part) for name, part in product(WHOLE, CUTS)),
    *(case(f"cut-ended-jpeg-{part}", _cut_and_ended(part), TRUNCATED, UNREADABLE) for part in ("1%", "50%", "99%")),
    *(
        case(f"cut-ended-progressive-{part}", _cut_and_ended(part, progressive=True), TRUNCATED, UNREADABLE)
        for part in ("1%", "50%", "99%")
    ),
    *(case(f"png-sum-{kind}", partial(_wrong_sum, kind.encode()), *BROKEN_CODES) for kind in ("IHDR", "IDAT")),
    case("png-two-headers", _png_of("IHDR", "IHDR", "IDAT", "IEND"), UNREADABLE),
    case("png-late-header", _png_of("gAMA", "IHDR", "IDAT", "IEND", gAMA=bytes(4)), UNREADABLE),
    case("png-long-header", _changed(IHDR=lambda c: c + b"\0"), UNREADABLE),
    case("png-other-compression", _changed(IHDR=lambda c: c[:10] + b"\1" + c[11:]), UNREADABLE),
    case("png-other-filter", _changed(IHDR=lambda c: c[:11] + b"\1" + c[12:]), UNREADABLE),
    case("png-empty-palette", _png_of("IHDR", "PLTE", "IDAT", "IEND"), UNREADABLE),
    case("png-uneven-palette", _png_of("IHDR", "PLTE", "IDAT", "IEND", PLTE=PALETTE[:-1]), UNREADABLE),
    case("png-long-palette", _png_of("IHDR", "PLTE", "IDAT", "IEND", PLTE=bytes(771)), UNREADABLE),
    case("png-two-palettes", _png_of("IHDR", "PLTE", "PLTE", "IDAT", "IEND", PLTE=PALETTE), UNREADABLE),
    case("png-no-palette", _png_of("IHDR", "IDAT", "IEND", mode="P"), UNREADABLE),
    case("png-late-palette", _png_of("IHDR", "IDAT", "PLTE", "IEND", mode="P"), UNREADABLE),
    case("png-no-pixels", _png_of("IHDR", "IEND"), TRUNCATED, UNREADABLE),
    case("png-parted-pixels", _between_pixels, TRUNCATED, UNREADABLE),
    case("png-fewer-rows", _changed(IDAT=_fewer_rows), TRUNCATED),
    case("png-bad-filter", _changed(IDAT=lambda c: zlib.compress(b"\x09" + zlib.decompress(c)[1:])), UNREADABLE),
    case("png-unknown-critical", _png_of("IHDR", "ABCD", "IDAT", "IEND"), *BROKEN_CODES),
    *(case(f"png-length-{length:x}", partial(_length, length), *BROKEN_CODES) for length in (0, 2**31 - 1, 2**32 - 1)),
    case(
        "png-no-size",
        lambda: png((b"IHDR", header(0, 0)), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")),
        *BROKEN_CODES,
    ),
]
