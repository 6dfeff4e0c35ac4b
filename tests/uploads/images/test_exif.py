from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.images.orientations import ALL_BLOCKS, LONG, entry, tiff
from uploads.images import exif

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def taken(said: object, offset: object = None, fraction: object = None) -> datetime | None:
    return exif.taken_at({exif.TAKEN_AT: said, exif.TAKEN_AT_OFFSET: offset, exif.TAKEN_AT_FRACTION: fraction})


@pytest.mark.parametrize(
    ("offset", "clock"),
    [("+02:00", "14:00:00"), ("-05:30", "06:30:00"), ("+00:00", "12:00:00"), ("Z", "12:00:00"), (None, "12:00:00")],
)
def test_a_camera_s_clock_is_told_in_utc_and_counts_as_that_when_it_does_not_say(offset: str | None, clock: str):
    assert taken(f"2026:05:04 {clock}", offset) == NOON


@pytest.mark.parametrize(("fraction", "microsecond"), [("5", 500_000), ("042", 42_000), ("1234567", 123_456), ("", 0)])
def test_pictures_of_one_second_keep_their_order(fraction: str, microsecond: int):
    assert taken("2026:05:04 12:00:00", fraction=fraction) == NOON.replace(microsecond=microsecond)


def test_the_zeros_some_cameras_end_their_text_with_do_not_matter():
    assert taken(b"2026:05:04 12:00:00\0", b"+00:00\0") == NOON


def test_an_offset_that_is_none_is_taken_for_utc():
    assert taken("2026:05:04 12:00:00", "   :  ") == NOON


@pytest.mark.parametrize(
    "said", [None, "", "0000:00:00 00:00:00", "    :  :     :  :  ", "2026-05-04", "0001:01:01 00:00:00", 7, (1, 2)]
)
def test_what_is_no_time_is_none(said: object):
    assert taken(said) is None


anything = st.none() | st.text(max_size=30) | st.binary(max_size=30) | st.integers() | st.tuples(st.integers())


@given(anything, anything, anything)
def test_whatever_stands_there_is_a_time_or_none(said: object, offset: object, fraction: object):
    assert isinstance(taken(said, offset, fraction), datetime | None)


@given(st.datetimes(min_value=datetime(1826, 1, 2)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - a camera's clock
def test_any_clock_with_an_offset_is_that_moment(clock: datetime, minutes: int):
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    told = taken(f"{clock:%Y:%m:%d %H:%M:%S}".rjust(19, "0"), offset)
    assert told is None or (clock.replace(microsecond=0, tzinfo=UTC) - told).total_seconds() == minutes * 60


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_picture_that_lies_on_its_side_is_as_wide_as_it_is_seen(turned: int):
    assert exif.upright(4, 3, turned) == ((4, 3) if turned < 5 else (3, 4))


@pytest.mark.parametrize("name", ALL_BLOCKS)
def test_an_orientation_is_read_as_browsers_read_it(name: str):
    block, seen = ALL_BLOCKS[name]
    assert exif.orientation(block) == seen


@given(st.binary(max_size=200), st.sampled_from([b"", b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0"]))
def test_whatever_a_block_holds_is_an_orientation(content: bytes, head: bytes):
    assert exif.orientation(head + content) in range(1, 9)


def test_a_list_that_leads_to_itself_ends_soon():
    """A list of 65,535 tags, each of which points to a list as long, would take hours."""
    leads = entry("big", 8, exif.DETAILS, LONG) * 65_535
    started = time.process_time()
    assert exif.orientation(tiff("big", b"\xff\xff" + leads)) == 1
    assert time.process_time() - started < 2
