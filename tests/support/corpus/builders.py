"""Building blocks of valid and invalid files."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise
from typing import Any

from PIL import Image

from tests.support.images.metadata_checks import chunk, segment
from uploads.images import heif
from uploads.images.structure import jpeg

heif.opened_as()  # and written
PNG = b"\x89PNG\r\n\x1a\n"
Chunks = Sequence[tuple[bytes, bytes]]


@cache
def noise(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """An image in which every pixel matters."""
    kind = {"1": "L", "P": "RGB", "I;16": "I;16"}.get(mode, mode)
    size = width * height * (2 if kind == "I;16" else len(Image.new(kind, (1, 1)).getbands()))
    made = Image.frombytes(kind, (width, height), random.Random(seed).randbytes(size))  # noqa: S311 - a picture
    return made.quantize(64) if mode == "P" else made.convert("1") if mode == "1" else made


def saved(image: Image.Image, format_: str, **options: Any) -> bytes:
    """Encode `image` in a format."""
    made = io.BytesIO()
    image.save(made, format_, **options)
    return made.getvalue()


def image(format_: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: Any) -> Callable[[], bytes]:
    """Return a function that creates an image of noise."""
    return lambda: saved(noise(*size, mode), format_, **options)


# --- PNG


def header(width: int, height: int, depth: int = 8, colours: int = 2, rest: bytes = bytes(3)) -> bytes:
    return struct.pack(">IIBB", width, height, depth, colours) + rest


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return PNG + b"".join(chunk(kind, content) for kind, content in chunks)


def chunks_of(content: bytes) -> list[tuple[bytes, bytes]]:
    """Split a complete PNG into its chunks."""
    found, at = [], 8
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def zero_png(width: int, height: int) -> bytes:
    """Pixel data that is all black and compresses to a thousandth of its size."""
    pack, row = zlib.compressobj(9), bytes(1 + 3 * width)
    packed = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()
    return png((b"IHDR", header(width, height)), (b"IDAT", packed), (b"IEND", b""))


def with_chunks(*extra: tuple[bytes, bytes], times: int = 1, mode: str = "RGB") -> bytes:
    """A valid PNG with chunks inserted before its pixels."""
    first, *others = chunks_of(saved(noise(60, 40, mode), "PNG"))
    return png(first, *(extra * times), *others)


# --- JPEG


def many_scans(count: int, side: int = 600) -> bytes:
    """A progressive JPEG in which one scan of a few bytes is repeated; `count` scans in all."""
    whole = saved(Image.new("RGB", (side, side), (90, 120, 30)), "JPEG", progressive=True, quality=50)
    parts = _scans_of(whole)
    return parts[0] + b"".join(parts[1:]) + parts[2] * (count - len(parts) + 1) + b"\xff\xd9"


def _scans_of(content: bytes) -> list[bytes]:
    """Split a JPEG into what precedes the first scan, and each scan with its tables."""
    ends = [0]
    last = 0
    for marker, start, _ in jpeg.segments(content):
        if last == jpeg.SOS:
            ends.append(start)
        last = marker
    first = next(start for marker, start, _ in jpeg.segments(content) if marker == jpeg.SOS)
    return [content[:first], *(content[a:b] for a, b in pairwise([first, *ends[1:]]))]


def with_segments(*extra: bytes, times: int = 1) -> bytes:
    """A valid JPEG with segments inserted after its start."""
    good = saved(noise(60, 40), "JPEG")
    return good[:2] + b"".join(extra) * times + good[2:]


def before(content: bytes, marker: int, *extra: bytes) -> bytes:
    """A JPEG with bytes inserted before the first segment of a kind."""
    at = next(start for found, start, _ in jpeg.segments(content) if found == marker)
    return content[:at] + b"".join(extra) + content[at:]


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG of 8 x 8 pixels whose header claims another size."""
    good = saved(noise(8, 8), "JPEG")
    at = good.index(b"\xff\xc0") + 5
    return good[:at] + struct.pack(">HH", height, width) + good[at + 4 :]


comment = partial(segment, 0xFE)


# --- WebP, AVIF, HEIC


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    content = b"".join(kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1) for kind, body in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WEBP" + content


def webp_of_canvas(width: int, height: int) -> bytes:
    """A WebP of 60 x 40 pixels whose canvas claims another size."""
    body = saved(noise(60, 40), "WEBP")[20:]
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff((b"VP8X", canvas), (b"VP8 ", body))


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_boxes(format_: str, extra: bytes, times: int) -> bytes:
    """A valid AVIF or HEIC with boxes appended."""
    return saved(noise(64, 48), format_) + extra * times


def with_items(format_: str, count: int) -> bytes:
    """A valid AVIF or HEIC whose table lists this many additional items without bytes."""
    items = b"".join(_item(number) for number in range(100, 100 + count))
    made = bytearray(_grown(saved(noise(64, 48), format_), [b"meta", b"iinf"], items))
    said = made.index(b"iinf") + 8
    made[said : said + 2] = (int.from_bytes(made[said : said + 2], "big") + count).to_bytes(2, "big")
    return bytes(made)


def _item(number: int) -> bytes:
    return box(b"infe", struct.pack(">IHH4sx", 2 << 24, number, 0, b"Exif"))


def _grown(content: bytes, path: list[bytes], extra: bytes) -> bytes:
    """Append `extra` to a nested box of `content`, and shift the items' offsets accordingly."""
    made, places, at = bytearray(content), [], 0
    for kind in path:
        at = made.index(kind, at) - 4
        places.append(at)
    moved(made, made.index(b"iloc") + 4, len(extra))
    end = at + int.from_bytes(made[at : at + 4], "big")
    made[end:end] = extra
    for place in places:
        _add(made, place, len(extra))
    return bytes(made)


def moved(made: bytearray, table: int, by: int) -> None:
    """Add to the offsets in a table as both encoders write it: four-byte numbers, one extent per item."""
    version, count = made[table], int.from_bytes(made[table + 6 : table + 8], "big")
    at = table + 8
    for _ in range(count):
        in_meta = version and made[at + 3] & 15
        base = 4 if made[table + 5] >> 4 else 0
        at += (6 if version else 4) + base + 2
        if not in_meta:
            _add(made, at - 2 - base if base and not int.from_bytes(made[at : at + 4], "big") else at, by)
        at += 8


def _add(made: bytearray, at: int, by: int) -> None:
    made[at : at + 4] = (int.from_bytes(made[at : at + 4], "big") + by).to_bytes(4, "big")
