from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import service_time
from uploads.core.service_time import CLOCK_BACK_MS, OUTAGE_MS, STEP_CAP_MS, Cause

times = st.integers(-(10**13), 10**13)
services = st.integers(0, 10**13)


@given(services, times, times)
def test_a_tick_adds_at_least_nothing_and_at_most_the_cap(s_ms: int, last_ms: int, now_ms: int):
    assert 0 <= service_time.tick(s_ms, last_ms, now_ms).s_ms - s_ms <= STEP_CAP_MS


@given(services, times, st.lists(times, max_size=30))
def test_service_time_never_goes_back_whatever_the_clock_does(s_ms: int, last_ms: int, clock: list[int]):
    for now_ms in clock:
        moved = service_time.tick(s_ms, last_ms, now_ms)
        assert moved.s_ms >= s_ms
        s_ms, last_ms = moved.s_ms, moved.last_ms


@given(services, times, st.lists(st.integers(-CLOCK_BACK_MS, 5_000), max_size=30))
def test_service_time_never_runs_faster_than_the_clock(s_ms: int, now_ms: int, steps: list[int]):
    """Jitter back and forth adds nothing: only time beyond the latest moment seen counts."""
    start, began, last_ms, latest = s_ms, now_ms, now_ms, now_ms
    for step in steps:
        now_ms += step
        latest = max(latest, now_ms)
        moved = service_time.tick(s_ms, last_ms, now_ms)
        s_ms, last_ms = moved.s_ms, moved.last_ms
        if last_ms < latest:
            return  # The clock fell back so far that it is accepted as a restart.
    assert s_ms - start <= latest - began


@given(services, times, times)
def test_reading_tells_what_a_tick_at_that_moment_would_write(s_ms: int, last_ms: int, now_ms: int):
    assert service_time.service_now(s_ms, last_ms, now_ms) == service_time.tick(s_ms, last_ms, now_ms).s_ms


def test_a_regular_second_counts_in_full():
    moved = service_time.tick(5_000, 100_000, 101_000)
    assert (moved.s_ms, moved.last_ms, moved.after_outage) == (6_000, 101_000, False)


def test_an_outage_counts_as_one_capped_step_and_is_noticed():
    moved = service_time.tick(5_000, 100_000, 100_000 + 3_600_000)
    assert (moved.s_ms, moved.after_outage) == (5_000 + STEP_CAP_MS, True)


def test_a_silence_of_just_the_gap_is_no_outage_yet():
    assert not service_time.tick(0, 0, OUTAGE_MS).after_outage
    assert service_time.tick(0, 0, OUTAGE_MS + 1).after_outage


def test_a_clock_that_jitters_back_keeps_its_latest_moment():
    assert service_time.tick(0, 100_000, 100_000 - CLOCK_BACK_MS).last_ms == 100_000


def test_a_clock_that_fell_back_far_is_believed():
    now_ms = 100_000 - CLOCK_BACK_MS - 1
    moved = service_time.tick(0, 100_000, now_ms)
    assert (moved.s_ms, moved.last_ms) == (0, now_ms)


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4408, 4999])
def test_a_close_somebody_meant_is_clean(code: int):
    assert service_time.cause_of_close(code) is Cause.CLEAN


@pytest.mark.parametrize("code", [None, 1002, 1005, 1006, 1011, 1012, 2999, 5000])
def test_any_other_end_is_a_loss(code: int | None):
    assert service_time.cause_of_close(code) is Cause.LOST
