"""Random changes of images, from a seed: bytes of any format, and chunks of a PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

from tests.support.corpus.builders import PNG, chunks_of, noise, png, saved
from tests.support.images.metadata_checks import chunk

Mutation = Callable[[Random, bytes], bytes]
INTERESTING = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
LENGTHS = (0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1)


def _place(random: Random, content: bytes | bytearray) -> int:
    """Return a random offset, often in the header."""
    return random.randrange(len(content) if random.random() < 0.4 else min(len(content), 500)) if content else 0


def flip(random: Random, content: bytes) -> bytes:
    """Flip bits."""
    made = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8))):
        made[_place(random, made)] ^= 1 << random.randrange(8)
    return bytes(made)


def overwrite(random: Random, content: bytes) -> bytes:
    """Insert boundary values: extreme bytes, and lengths of four bytes."""
    made, at = bytearray(content), _place(random, content)
    new = bytes([random.choice(INTERESTING)]) if random.random() < 0.6 else struct.pack(">I", random.choice(LENGTHS))
    made[at : at + len(new)] = new
    return bytes(made)


def delete(random: Random, content: bytes) -> bytes:
    """Remove a part."""
    at = _place(random, content)
    return content[:at] + content[at + random.choice((1, 2, 4, 100)) :]


def insert(random: Random, content: bytes) -> bytes:
    """Insert a part, of this file or random."""
    at, there, length = _place(random, content), _place(random, content), random.choice((1, 2, 4, 100))
    new = content[there : there + length] if random.random() < 0.5 else random.randbytes(length)
    return content[:at] + new + content[at:]


def repeat(random: Random, content: bytes) -> bytes:
    """Repeat a part hundreds of times."""
    at = _place(random, content)
    part = content[at : at + random.choice((1, 8, 40))]
    return content[:at] + part * random.choice((10, 300)) + content[at:]


def cut(random: Random, content: bytes) -> bytes:
    """Cut off the end, and sometimes append another."""
    return content[: random.randrange(len(content) + 1)] + random.choice((b"", b"\xff\xd9", content[-12:]))


MUTATIONS: tuple[Mutation, ...] = (flip, flip, overwrite, overwrite, delete, insert, repeat, cut)


def mutated(random: Random, content: bytes) -> bytes:
    """Apply one to three changes to `content`."""
    for _ in range(random.choice((1, 1, 2, 3))):
        if content:
            content = random.choice(MUTATIONS)(random, content)
    return content


MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
PALETTES = (0, 1, 3, 30, 47, 48, 51, 768, 771, 900)


def damaged_png(random: Random) -> tuple[str, bytes]:
    """Return a PNG with one malformed chunk and correct checksums, and the change made."""
    mode = random.choice(MODES)
    chunks = chunks_of(saved(noise(40, 30, mode), "PNG"))
    damage = random.choice(DAMAGES)
    made = damage(random, chunks)
    return f"{damage.__name__.strip('_')} of {mode}", made if isinstance(made, bytes) else png(*made)


Chunks = list[tuple[bytes, bytes]]


def _with(chunks: Chunks, kind: bytes, content: bytes) -> Chunks:
    return [(found, content if found == kind else old) for found, old in chunks]


def _pixels(chunks: Chunks) -> bytes:
    return b"".join(content for kind, content in chunks if kind == b"IDAT")


def _header(random: Random, chunks: Chunks) -> Chunks:
    made = bytearray(chunks[0][1])
    made[random.randrange(8, 13)] = random.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
    return _with(chunks, b"IHDR", bytes(made))


def _header_length(random: Random, chunks: Chunks) -> Chunks:
    return _with(chunks, b"IHDR", random.choice((chunks[0][1][:-1], chunks[0][1] + b"\0", b"")))


def _palette(random: Random, chunks: Chunks) -> Chunks:
    others = [found for found in chunks[1:] if found[0] != b"PLTE"]
    return [chunks[0], *[(b"PLTE", random.randbytes(random.choice(PALETTES)))] * random.choice((1, 1, 2)), *others]


def _transparency(random: Random, chunks: Chunks) -> Chunks:
    return [*chunks[:-2], (b"tRNS", random.randbytes(random.choice((0, 1, 2, 6, 17, 300)))), *chunks[-2:]]


def _order(random: Random, chunks: Chunks) -> Chunks:
    return random.sample(chunks, len(chunks))


def _doubled(random: Random, chunks: Chunks) -> Chunks:
    at = random.randrange(len(chunks))
    return [*chunks[: at + 1], *chunks[at:]]


def _missing(random: Random, chunks: Chunks) -> Chunks:
    at = random.randrange(len(chunks))
    return chunks[:at] + chunks[at + 1 :]


def _packing(random: Random, chunks: Chunks) -> Chunks:
    packed = _pixels(chunks)
    made = random.choice(
        (
            packed[: -random.randrange(1, 12)],
            packed[:-4] + random.randbytes(4),
            packed + random.randbytes(9),
            random.randbytes(2) + packed[2:],
        )
    )
    return _with(chunks, b"IDAT", made)


def _rows(random: Random, chunks: Chunks) -> Chunks:
    pixels = zlib.decompress(_pixels(chunks))
    row = len(pixels) // 30
    made = random.choice(
        (pixels[: -row * random.randrange(1, 30)], pixels[: random.randrange(len(pixels))], pixels * 2)
    )
    return _with(chunks, b"IDAT", zlib.compress(made))


def _filter(random: Random, chunks: Chunks) -> Chunks:
    pixels = bytearray(zlib.decompress(_pixels(chunks)))
    pixels[len(pixels) // 30 * random.randrange(30)] = random.randrange(256)
    return _with(chunks, b"IDAT", zlib.compress(bytes(pixels)))


def _parted(random: Random, chunks: Chunks) -> Chunks:
    packed = _pixels(chunks)
    at = random.randrange(len(packed))
    parts = [(b"IDAT", packed[:at]), random.choice(((b"tEXt", b"a\0b"), (b"IDAT", b""))), (b"IDAT", packed[at:])]
    return [*[found for found in chunks if found[0] not in (b"IDAT", b"IEND")], *parts, (b"IEND", b"")]


def _sum(random: Random, chunks: Chunks) -> bytes:
    at = random.randrange(len(chunks))
    made = [chunk(*found) for found in chunks]
    made[at] = made[at][:-4] + random.randbytes(4)
    return PNG + b"".join(made)


def _unknown(random: Random, chunks: Chunks) -> Chunks:
    at = random.randrange(len(chunks))
    return [*chunks[:at], (random.choice((b"ABCD", b"abCd", b"gAMA", b"acTL")), random.randbytes(4)), *chunks[at:]]


DAMAGES: tuple[Callable[[Random, Chunks], Chunks | bytes], ...] = (
    *(_header, _header_length, _palette, _transparency, _order, _doubled, _missing, _packing, _rows, _filter, _parted),
    *(_sum, _unknown),
)
