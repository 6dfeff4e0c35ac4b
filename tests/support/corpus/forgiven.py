"""Damage that browsers ignore, and containers only they can read: accepted, and stored to look as in a browser.

`tests/browser/test_damaged_images.py` compares them with Chromium.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import cache, partial

from PIL import Image

from tests.support.corpus.builders import PNG, before, box, chunks_of, noise, png, saved
from tests.support.corpus.case import Case, case
from tests.support.images.containers import CHROMA, associations, avif_with, minimized, parted
from tests.support.images.metadata_checks import chunk, segment
from tests.support.images.photos import corners, swapped_profile, turned
from uploads.core.limits import MEGABYTE

SOF, DQT, SOS, EOI = 0xC0, 0xDB, 0xDA, b"\xff\xd9"


def _jpeg(**options: object) -> bytes:
    return saved(corners(96, 64), "JPEG", quality=90, **options)


def _ended(end: bytes, **options: object) -> bytes:
    """A JPEG with something else instead of its end marker."""
    return _jpeg(**options).removesuffix(EOI) + end


def _with(*extra: bytes, marker: int = DQT) -> bytes:
    """A JPEG with bytes inserted before its first segment of a kind."""
    return before(_jpeg(), marker, *extra)


def _without_jfif(*first: bytes) -> bytes:
    return _jpeg()[:2] + b"".join(first) + _jpeg()[20:]


JPEGS: dict[str, Callable[[], bytes]] = {
    "zeros-for-end": partial(_ended, bytes(40)),
    "many-zeros-for-end": partial(_ended, bytes(70_000)),
    "restart-for-end": partial(_ended, b"\xff\xd3"),
    "restart-before-end": partial(_ended, b"\xff\xd0" + EOI),
    "start-for-end": partial(_ended, b"\xff\xd8" + EOI),
    "unknown-before-end": partial(_ended, b"\xff\xf0\0\4ab" + EOI),
    "cut-off-behind-pixels": partial(_ended, b"\xff\xe5\x10\0secret tail"),
    "progressive-without-end": partial(_ended, b"", progressive=True),
    "progressive-zeros-for-end": partial(_ended, bytes(40), progressive=True),
    "restart-before-frame": partial(_with, b"\xff\xd4", marker=SOF),
    "restart-before-scan": partial(_with, b"\xff\xd0", marker=SOS),
    "marker-of-nothing": partial(_with, b"\xff\x01"),
    "junk-between": partial(_with, b"secret tail"),
    "jfif-short": partial(_without_jfif, segment(0xE0, b"JFIF\0\1\1")),
    "jfif-empty": partial(_without_jfif, segment(0xE0, b"")),
    "adobe-short": partial(_with, segment(0xEE, b"Adobe\0d")),
    "profile-without-numbers": partial(_with, segment(0xE2, b"ICC_PROFILE\0")),
    "profile-of-nothing": partial(_with, segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(200))),
    "exif-of-nothing": partial(_with, segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x87\x69" * 500)),
    "length-0": partial(_with, b"\xff\xe5\0\0"),
    "comment-length-1": partial(_with, b"\xff\xfe\0\1"),
}


@cache
def _chunks(*, palette: bool = False) -> tuple[tuple[bytes, bytes], ...]:
    image = corners(96, 64)
    return tuple(chunks_of(saved(image.quantize(8) if palette else image, "PNG")))


def _before(*extra: tuple[bytes, bytes], palette: bool = False) -> bytes:
    """A PNG with chunks inserted right before its pixels."""
    *first, pixels, end = _chunks(palette=palette)
    return png(*first, *extra, pixels, end)


def _behind(*extra: tuple[bytes, bytes]) -> bytes:
    *first, end = _chunks()
    return png(*first, *extra, end)


def _wrong_sum(kind: bytes, content: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG with a chunk whose checksum is wrong, followed by others."""
    wrong = chunk(kind, content)[:-4] + b"\1\2\3\4"
    good = [chunk(*one) for one in (*extra, *_chunks()[1:])]
    return PNG + chunk(*_chunks()[0]) + wrong + b"".join(good)


def _tail(length: int, *extra: bytes) -> bytes:
    """A PNG without its end and that many of its last bytes."""
    *first, _ = _chunks()
    whole = png(*first)
    return whole[: len(whole) - length] + b"".join(extra)


def _profile(*, name: bytes = b"x", method: bytes = b"\0", cut: int = 0, more: int = 0) -> tuple[bytes, bytes]:
    packed = zlib.compress(swapped_profile() + bytes(more))
    return b"iCCP", name + b"\0" + method + packed[: len(packed) - cut]


def _red(bytes_: int = 6) -> tuple[bytes, bytes]:
    """Red is transparent."""
    return b"tRNS", struct.pack(">4H", 255, 0, 0, 0)[:bytes_]


GAMMA = (b"gAMA", (100_000).to_bytes(4, "big"))
SHORT = {b"gAMA": 3, b"cHRM": 31, b"sRGB": 0, b"pHYs": 8, b"cICP": 3, b"sBIT": 0, b"cLLI": 1, b"mDCV": 1, b"bKGD": 1}
TEXT = b"secret tail " * 90_000
PNGS: dict[str, Callable[[], bytes]] = {
    **{f"{kind.decode()}-short": partial(_before, (kind, bytes(length))) for kind, length in SHORT.items()},
    **{f"{kind.decode()}-wrong-sum": partial(_wrong_sum, kind, bytes(length + 1)) for kind, length in SHORT.items()},
    "text-wrong-sum": lambda: _wrong_sum(b"tEXt", b"Comment\0secret tail"),
    "packed-text": lambda: _before((b"zTXt", b"a\0\0" + zlib.compress(TEXT))),
    "packed-international-text": lambda: _before((b"iTXt", b"a\0\1\0\0\0" + zlib.compress(TEXT))),
    "text-of-nothing": lambda: _before((b"zTXt", b"a\0\0secret tail"), (b"iTXt", b"secret tail"), (b"tEXt", b"")),
    "time-of-nothing": lambda: _before((b"tIME", b"\xff"), (b"eXIf", b"\xff" * 9), (b"hIST", b""), (b"sPLT", b"")),
    "odd-kind": lambda: _before((b"   d", b"x")),
    "gamma-then-another": lambda: _before(GAMMA, (b"gAMA", (45_455).to_bytes(4, "big"))),
    "gamma-short-then-whole": lambda: _before((b"gAMA", b"ab"), GAMMA),
    "gamma-long": lambda: _before((GAMMA[0], GAMMA[1] + b"\0")),
    "gamma-behind-pixels": lambda: _behind(GAMMA),
    "no-srgb-then-gamma": lambda: _before((b"sRGB", b"\x09"), GAMMA),
    "profile": lambda: _before(_profile()),
    "profile-of-a-megabyte": lambda: _before(_profile(more=2 * MEGABYTE)),
    "profile-wrong-sum": lambda: _wrong_sum(*_profile()),
    "profile-wrong-sum-then-right": lambda: _wrong_sum(b"iCCP", b"x\0\0nothing", _profile()),
    "profile-of-nothing-then-right": lambda: _before((b"iCCP", b"x\0\0nothing"), _profile()),
    "profile-other-compression": lambda: _before(_profile(method=b"\1")),
    "profile-cut-off": lambda: _before(_profile(cut=200)),
    "profile-without-sum": lambda: _before(_profile(cut=2)),
    "profile-without-name": lambda: _before(_profile(name=b"")),
    "profile-longest-name": lambda: _before(_profile(name=b"x" * 80)),
    "profile-name-too-long": lambda: _before(_profile(name=b"x" * 81)),
    "profile-of-a-name": lambda: _before((b"iCCP", b"x" * 50)),
    "profile-behind-pixels": lambda: _behind(_profile()),
    "transparent": lambda: _before(_red()),
    "transparent-long": lambda: _before(_red(8)),
    "transparent-short": lambda: _before(_red(5)),
    "transparent-short-then-whole": lambda: _before(_red(2), _red()),
    "transparent-wrong-sum": lambda: _wrong_sum(*_red()),
    "transparent-behind-pixels": lambda: _behind(_red()),
    "transparent-palette": lambda: _before((b"tRNS", b"\xc8" * 4), palette=True),
    "transparent-palette-long": lambda: _before((b"tRNS", bytes(300)), palette=True),
    "transparent-palette-empty": lambda: _before((b"tRNS", b""), palette=True),
    "without-end": lambda: _tail(0),
    "without-last-sum": lambda: _tail(0, chunk(b"IEND", b"")[:-4]),
    "end-cut-off": lambda: _tail(0, chunk(b"IEND", b"")[:3]),
    "end-wrong-sum": lambda: _tail(0, chunk(b"IEND", b"")[:-4], b"\1\2\3\4"),
    "end-with-content": lambda: _tail(0, chunk(b"IEND", b"secret tail")),
    "pixels-without-sum": lambda: _tail(4),
    "junk-for-end": lambda: _tail(0, b"secret tail secret tail"),
    "text-cut-off-for-end": lambda: _tail(0, chunk(b"tEXt", b"a\0secret tail" * 9)[:-20]),
    "unknown-behind-pixels": lambda: _behind((b"ABCD", b"secret tail")),
    "animation-of-one-frame": lambda: _before(
        (b"acTL", struct.pack(">II", 1, 0)), (b"fcTL", struct.pack(">5I2H2B", 0, 96, 64, 0, 0, 1, 10, 0, 0))
    ),
    "animation-behind-pixels": lambda: _behind((b"acTL", struct.pack(">II", 2, 0))),
}


def _transparent() -> Image.Image:
    image = corners(96, 64).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((96, 64)).point(lambda value: max(value, 9)))
    return image


def _avif(image: Image.Image | None = None) -> bytes:
    return saved(image or corners(96, 64), "AVIF")


def _empty_table() -> bytes:
    return box(b"ipma", bytes(8))


AVIFS: dict[str, Callable[[], bytes]] = {
    "table-for-each-item": lambda: parted(_avif(_transparent())),
    "second-table-empty": lambda: avif_with(_avif(), [], _empty_table()),
    "second-table-of-no-item": lambda: avif_with(_avif(), [box(b"irot", b"\1")], associations([1], item=7)),
    **{f"minimized-{n.replace(':', '')}": partial(minimized, corners(96, 64), subsampling=n) for n in CHROMA},
    **{f"minimized-turned-{n}": partial(minimized, turned(corners(96, 64), 6), orientation=n) for n in range(1, 9)},
    "minimized-large": lambda: minimized(noise(300, 200), quality=100),
    "minimized-transparent": lambda: minimized(_transparent()),
    "minimized-wide-colours": lambda: minimized(corners(96, 64), cicp=(12, 13, 6)),
    "minimized-profile": lambda: minimized(corners(96, 64), profile=swapped_profile()),
    "minimized-telling": lambda: minimized(corners(96, 64), exif=b"MM\0*secret tail", xmp=b"secret tail"),
}


def _hidden(build: Callable[[], bytes]) -> tuple[bytes, ...]:
    return (b"secret tail",) if b"secret tail" in build() else ()


FORGIVEN: list[Case] = [
    *(case(f"forgiven-jpeg-{name}", make, claim="image/jpeg", hidden=_hidden(make)) for name, make in JPEGS.items()),
    *(case(f"forgiven-png-{name}", make, claim="image/png", hidden=_hidden(make)) for name, make in PNGS.items()),
    *(case(f"forgiven-avif-{name}", make, claim="image/avif", hidden=_hidden(make)) for name, make in AVIFS.items()),
]
