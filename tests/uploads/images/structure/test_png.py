from __future__ import annotations

import struct
import zlib

from tests.support.corpus.builders import PNG, chunks_of, noise, png, saved, with_chunks
from tests.support.images.metadata_checks import chunk
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.structure import problem

LIMITS = ImageLimits(max_parts=10, max_profile_bytes=1000)
PALETTE = bytes(48)


def good(mode: str = "RGB") -> list[tuple[bytes, bytes]]:
    return chunks_of(saved(noise(40, 30, mode), "PNG"))


def test_a_picture_is_no_problem():
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        assert problem(saved(noise(40, 30, mode), "PNG"), LIMITS) is None


def test_the_chunks_are_counted():
    assert problem(with_chunks((b"tEXt", b"a\0"), times=7), LIMITS) is None
    assert problem(with_chunks((b"tEXt", b"a\0"), times=8), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_a_colour_profile_is_measured_unpacked_and_with_all_others():
    def profile(length: int) -> tuple[bytes, bytes]:
        return b"iCCP", b"name\0\0" + zlib.compress(bytes(length))

    assert problem(with_chunks(profile(1000)), LIMITS) is None
    assert problem(with_chunks(profile(1001)), LIMITS) == Code.IMAGE_TOO_COMPLEX
    assert problem(with_chunks(profile(600), times=2), LIMITS) == Code.IMAGE_TOO_COMPLEX
    assert problem(with_chunks((b"iCCP", b"name\0\0nonsense")), LIMITS) is None


def test_there_is_one_header_it_comes_first_and_says_what_every_browser_can():
    """Pillow accepts them, and no browser shows them."""
    first, *others = good()
    wrong = [
        [first, first, *others],
        [(b"gAMA", bytes(4)), first, *others],
        [(b"IHDR", first[1] + b"\0"), *others],
        [(b"IHDR", first[1][:10] + b"\1" + first[1][11:]), *others],
        [(b"IHDR", first[1][:11] + b"\1" + first[1][12:]), *others],
    ]
    assert [problem(png(*chunks), LIMITS) for chunks in wrong] == [Code.IMAGE_UNREADABLE] * len(wrong)


def test_a_png_without_anything_is_unreadable():
    assert problem(png(), LIMITS) == Code.IMAGE_UNREADABLE


def test_there_is_one_palette_of_a_possible_length():
    """Pillow accepts them, and no browser shows them."""
    first, *others = good()
    for length, found in ((0, False), (3, True), (47, False), (768, True), (771, False)):
        chunks = [first, (b"PLTE", bytes(length)), *others]
        assert problem(png(*chunks), LIMITS) == (None if found else Code.IMAGE_UNREADABLE)
    assert problem(png(first, *[(b"PLTE", PALETTE)] * 2, *others), LIMITS) == Code.IMAGE_UNREADABLE


def test_pixels_that_are_places_in_a_palette_come_behind_one():
    first, palette, pixels, end = good("P")
    assert problem(png(first, pixels, end), LIMITS) == Code.IMAGE_UNREADABLE
    assert problem(png(first, pixels, palette, end), LIMITS) == Code.IMAGE_UNREADABLE


def frame(number: int) -> tuple[bytes, bytes]:
    return b"fcTL", struct.pack(">5I2H2B", number, 40, 30, 0, 0, 1, 10, 0, 0)


def test_an_animation_is_refused_and_only_what_browsers_take_for_one():
    first, pixels, end = good()

    def told(*before: tuple[bytes, bytes], behind: tuple[tuple[bytes, bytes], ...] = ()) -> Code | None:
        return problem(png(first, *before, pixels, *behind, end), LIMITS)

    def control(count: int) -> tuple[bytes, bytes]:
        return b"acTL", struct.pack(">II", count, 0)

    assert told(control(2), frame(0)) == Code.UNSUPPORTED_TYPE
    # One frame that differs from the pixels; browsers show only that frame.
    assert told(control(1), behind=(frame(0),)) == Code.UNSUPPORTED_TYPE
    assert told(control(1), frame(0)) is None
    assert told(control(0), frame(0)) is None
    assert told((b"acTL", bytes(7))) is None
    assert told(behind=(control(2),)) is None
    wrong_sum = chunk(*control(2))[:-4] + b"\1\2\3\4"
    assert problem(PNG + chunk(*first) + wrong_sum + chunk(*pixels) + chunk(*end), LIMITS) is None
