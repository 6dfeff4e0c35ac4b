from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.corpus.builders import chunks_of, header, noise, png, saved
from tests.support.corpus.mutations import MODES
from uploads.images import png_end


def with_pixels(content: bytes, pixels: bytes) -> bytes:
    return png(*[(kind, zlib.compress(pixels) if kind == b"IDAT" else old) for kind, old in chunks_of(content)])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (40, 30)])
def test_a_png_with_one_byte_less_ends_early(mode: str, size: tuple[int, int]):
    whole = saved(noise(*size, mode), "PNG")
    pixels = zlib.decompress(b"".join(content for kind, content in chunks_of(whole) if kind == b"IDAT"))

    assert not png_end.comes_early(whole)
    assert not png_end.comes_early(with_pixels(whole, pixels + b"more"))
    assert png_end.comes_early(with_pixels(whole, pixels[:-1]))


def test_without_the_checksum_behind_them_the_pixels_are_all_there():
    first, (kind, packed), end = chunks_of(saved(noise(40, 30), "PNG"))
    assert not png_end.comes_early(png(first, (kind, packed[:-4]), end))


def test_pixels_that_cannot_be_unpacked_end_there():
    first, (kind, packed), end = chunks_of(saved(noise(40, 30), "PNG"))
    assert png_end.comes_early(png(first, (kind, packed[:99] + b"\xff" * 99), end))


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([(1, 0), (8, 2), (16, 6), (4, 3)]))
def test_the_passes_of_an_interlaced_png_cover_each_pixel_once(width: int, height: int, kind: tuple[int, int]):
    depth, colours = kind
    seen = [
        (x, y)
        for column, row, across, down in png_end.ADAM7
        for x in range(column, width, across)
        for y in range(row, height, down)
    ]
    assert sorted(seen) == sorted((x, y) for x in range(width) for y in range(height))

    interlaced = png_end._bytes_of(header(width, height, depth, colours, b"\0\0\1"))
    rows = interlaced - png_end._bytes_of(header(width, height, depth, colours))
    assert rows >= 0


def test_much_is_unpacked_a_little_at_a_time():
    size = 6_000
    packed = zlib.compress(bytes((1 + 3 * size) * size))
    content = png((b"IHDR", struct.pack(">IIBB3x", size, size, 8, 2)), (b"IDAT", packed), (b"IEND", b""))
    assert not png_end.comes_early(content)
