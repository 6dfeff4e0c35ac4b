from __future__ import annotations

from tests.support.corpus.builders import image, noise, riff, saved
from tests.support.images.hostile import frames
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.structure import problem

LIMITS = ImageLimits(max_parts=10, max_profile_bytes=1000)


def with_chunks(kind: bytes, content: bytes, times: int) -> bytes:
    return riff((b"VP8 ", saved(noise(60, 40), "WEBP")[20:]), *[(kind, content)] * times)


def test_a_picture_is_no_problem():
    assert problem(image("WEBP")(), LIMITS) is None
    assert problem(image("WEBP", "RGBA", icc_profile=bytes(500))(), LIMITS) is None


def test_the_chunks_are_counted():
    assert problem(with_chunks(b"TEST", b"x", 9), LIMITS) is None
    assert problem(with_chunks(b"TEST", b"x", 10), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_a_colour_profile_is_measured():
    assert problem(with_chunks(b"ICCP", bytes(1000), 1), LIMITS) is None
    assert problem(with_chunks(b"ICCP", bytes(1001), 1), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_an_animation_is_refused_of_one_frame_too():
    assert problem(frames("WEBP"), LIMITS) == Code.UNSUPPORTED_TYPE
    header = b"\2" + bytes(9)
    assert problem(riff((b"VP8X", header), (b"ANIM", bytes(6)), (b"ANMF", bytes(30))), LIMITS) == Code.UNSUPPORTED_TYPE
    assert problem(riff((b"VP8X", bytes(10))), LIMITS) is None
    assert problem(riff((b"VP8X", b""))[:20], LIMITS) is None
