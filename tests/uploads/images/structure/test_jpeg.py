from __future__ import annotations

from tests.support.corpus.builders import image, many_scans, with_segments
from tests.support.images.hostile import frames
from tests.support.images.metadata_checks import segment
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.structure import jpeg, problem

LIMITS = ImageLimits(max_scans=20, max_parts=60, max_profile_bytes=1000)


def test_a_photo_is_no_problem():
    for content in (image("JPEG")(), image("JPEG", progressive=True)(), image("JPEG", restart_marker_rows=1)()):
        assert problem(content, LIMITS) is None


def test_the_scans_are_counted():
    """Twelve small files with 5,500 scans each made everybody wait for two minutes."""
    assert problem(many_scans(20), LIMITS) is None
    assert problem(many_scans(21), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_the_segments_are_counted():
    assert problem(with_segments(b"\xff\xfe\0\2", times=40), LIMITS) is None
    assert problem(with_segments(b"\xff\xfe\0\2", times=60), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_a_colour_profile_is_measured_over_all_its_segments():
    part = segment(0xE2, b"ICC_PROFILE\0\1\2" + bytes(480))
    assert problem(with_segments(part, times=2), LIMITS) is None
    assert problem(with_segments(part, times=3), LIMITS) == Code.IMAGE_TOO_COMPLEX


def test_the_data_end_with_those_of_the_last_scan_of_the_first_picture():
    one, two, scans = image("JPEG")(), frames("MPO"), image("JPEG", progressive=True)()
    assert jpeg.data_end(one) == len(one) - 2
    assert jpeg.data_end(scans) == len(scans) - 2
    assert jpeg.data_end(one[:-2] + segment(0xFE, b"comment") + one[-2:]) == len(one) - 2
    end = jpeg.data_end(two)
    assert end is not None
    assert end < len(two) - 2
    assert jpeg.data_end(one[:-2]) is None


def test_what_is_no_jpeg_behind_its_beginning_is_left_to_the_decoder():
    for content in (
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xda",
        b"\xff\xd8" + b"\xff\xe1\0\0" * 5,
        b"\xff\xd8abc",
    ):
        assert problem(content, LIMITS) is None


def test_a_picture_is_held_whole_unless_one_scan_brings_all_of_it():
    size = b"\x08" + bytes(4)
    three, one_of_them = segment(0xC0, size + b"\x03" + bytes(9)), segment(0xDA, b"\x01" + bytes(5))
    assert jpeg.is_held_whole(jpeg.SIGNATURE + three + one_of_them)
    assert jpeg.is_held_whole(image("JPEG", progressive=True)())
    assert not jpeg.is_held_whole(image("JPEG")())
    assert not jpeg.is_held_whole(jpeg.SIGNATURE)
