"""Small files that would cause much work, and files just over a limit."""

from __future__ import annotations

import struct
import zlib

from tests.support.corpus.builders import (
    image,
    jpeg_of_size,
    many_scans,
    noise,
    saved,
    webp_of_canvas,
    with_boxes,
    with_chunks,
    with_items,
    with_segments,
    zero_png,
)
from tests.support.corpus.case import SMALL, case
from tests.support.images.hostile import bomb
from tests.support.images.metadata_checks import segment
from uploads.core.errors import Code
from uploads.core.limits import MEGABYTE

TRUNCATED, UNREADABLE, COMPLEX = Code.IMAGE_TRUNCATED, Code.IMAGE_UNREADABLE, Code.IMAGE_TOO_COMPLEX
PIXELS, UNSUPPORTED = Code.TOO_MANY_PIXELS, Code.UNSUPPORTED_TYPE


FRAMES = ((b"acTL", struct.pack(">II", 100_000, 0)), (b"fcTL", bytes(26)))


def packed(kind: bytes, head: bytes, megabytes: int) -> bytes:
    """A PNG with a chunk that decompresses to this size."""
    return with_chunks((kind, head + zlib.compress(bytes(megabytes * MEGABYTE), 9)))


OVER = [
    *(
        case(f"over-{f.lower()}-pixels", image(f, size=(201, 200)), PIXELS, small=True)
        for f in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
    ),
    *(
        case(f"over-{f.lower()}-side", image(f, size=(301, 8)), PIXELS, small=True)
        for f in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
    ),
    case("over-jpeg-scans", lambda: many_scans(SMALL.max_scans + 1, side=200), COMPLEX, small=True),
    case("over-jpeg-segments", lambda: with_segments(b"\xff\xfe\0\2", times=40), COMPLEX, small=True),
    case("over-png-chunks", lambda: with_chunks((b"tEXt", b"a\0b"), times=38), COMPLEX, small=True),
    case("over-avif-boxes", lambda: with_boxes("AVIF", b"\0\0\0\x08free", 60), COMPLEX, small=True),
]
"""One more than allowed."""

BOMBS = [
    case("bomb-png-header", bomb, PIXELS, memory_mb=20),
    case("bomb-png-largest-header", lambda: bomb(2**31 - 1, 2**31 - 1), PIXELS, UNREADABLE, UNSUPPORTED, memory_mb=20),
    case("bomb-jpeg-header", lambda: jpeg_of_size(65_500, 65_500), PIXELS, memory_mb=20),
    case("bomb-jpeg-missing-pixels", lambda: jpeg_of_size(9_000, 9_000), TRUNCATED, UNREADABLE, memory_mb=60),
    case("bomb-webp-canvas", lambda: webp_of_canvas(16_000, 16_000), PIXELS, UNREADABLE, UNSUPPORTED, memory_mb=20),
    case("bomb-webp-other-canvas", lambda: webp_of_canvas(61, 40), UNREADABLE, UNSUPPORTED),
    case("bomb-png-zeros-at-limit", lambda: zero_png(9_000, 9_000), claim="image/png", memory_mb=400),
    case("bomb-png-zeros-beyond", lambda: zero_png(15_000, 13_000), PIXELS, memory_mb=20),
    case("bomb-png-ztxt", lambda: packed(b"zTXt", b"a\0\0", 200), claim="image/png", memory_mb=40),
    case("bomb-png-itxt", lambda: packed(b"iTXt", b"a\0\1\0\0\0", 200), claim="image/png", memory_mb=40),
    case("bomb-png-iccp", lambda: packed(b"iCCP", b"a\0\0", 200), COMPLEX, memory_mb=40),
    case("bomb-png-many-iccp", lambda: with_chunks(_profile(1), times=5_000), COMPLEX, memory_mb=60),
    case("bomb-png-exif", lambda: with_chunks((b"eXIf", _exif(65_000))), claim="image/png"),
    case("bomb-png-empty-idats", lambda: with_chunks((b"IDAT", b""), times=1_000_000), COMPLEX, memory_mb=80),
    case("bomb-png-texts", lambda: with_chunks((b"tEXt", b"a\0"), times=500_000), COMPLEX, memory_mb=80),
    case("bomb-png-frames", lambda: with_chunks(*FRAMES), UNSUPPORTED, UNREADABLE, TRUNCATED),
    case("bomb-jpeg-scans", lambda: many_scans(14_000), COMPLEX, memory_mb=20),
    case("bomb-jpeg-segments", lambda: with_segments(b"\xff\xfe\0\2", times=2_000_000), COMPLEX, memory_mb=40),
    case(
        "bomb-jpeg-profile",
        lambda: with_segments(segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(60_000)), times=255),
        COMPLEX,
        memory_mb=60,
    ),
    case("bomb-jpeg-restarts", lambda: with_segments(b"\xff\xd0", times=1_000_000), COMPLEX, memory_mb=40),
    case("bomb-webp-chunks", lambda: _webp_with(b"TEST\0\0\0\0", 1_000_000), COMPLEX, memory_mb=60),
    case("bomb-avif-boxes", lambda: with_boxes("AVIF", b"\0\0\0\x08free", 2_000_000), COMPLEX, memory_mb=60),
    case("bomb-heic-boxes", lambda: with_boxes("HEIF", b"\0\0\0\x08free", 2_000_000), COMPLEX, memory_mb=60),
    case("bomb-avif-items", lambda: with_items("AVIF", 60_000), COMPLEX, memory_mb=20),
    case("bomb-avif-nested", lambda: _nested(20_000), COMPLEX, UNSUPPORTED, UNREADABLE, memory_mb=20),
]
"""As large as allowed, or as small as possible."""


def _profile(megabytes: int) -> tuple[bytes, bytes]:
    return b"iCCP", b"a\0\0" + zlib.compress(bytes(megabytes * MEGABYTE), 9)


def _exif(entries: int) -> bytes:
    """A block of tags each of which claims to be very long."""
    entry = struct.pack(">HHII", 0x9999, 5, 2**28, 8)
    return struct.pack(">2sHIH", b"MM", 42, 8, entries) + entry * entries + bytes(4)


def _webp_with(extra: bytes, times: int) -> bytes:
    good = saved(noise(60, 40), "WEBP")
    content = good[8:] + extra * times
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _nested(depth: int) -> bytes:
    """Deeply nested boxes."""
    content = b""
    for _ in range(depth):
        content = struct.pack(">I4s", 8 + len(content), b"iprp") + content
    good = saved(noise(64, 48), "AVIF")
    return good[: good.index(b"meta") - 4] + struct.pack(">I4sI", 12 + len(content), b"meta", 0) + content
