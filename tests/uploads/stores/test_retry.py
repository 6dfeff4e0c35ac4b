from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from uploads.stores.retry import BASE_MS, CAP_MS, pause_ms

attempts = st.integers(1, 10**9)
luck = st.floats(0, 1, exclude_max=True)


@given(attempts, luck)
def test_no_pause_is_longer_than_the_cap(attempts: int, luck: float):
    assert 0 <= pause_ms(attempts, luck) <= CAP_MS


@given(attempts, luck)
def test_with_the_same_luck_a_later_failure_waits_at_least_as_long(attempts: int, luck: float):
    assert pause_ms(attempts, luck) <= pause_ms(attempts + 1, luck)


def test_the_bound_doubles_until_the_cap():
    bounds = [pause_ms(attempts, 0.999_999) for attempts in range(1, 13)]

    assert bounds[0] == 2 * BASE_MS - 1
    assert all(later in (2 * bound, 2 * bound + 1) for bound, later in pairwise(bounds[:8]))
    assert bounds[-1] == CAP_MS - 1


def test_the_whole_range_is_used():
    """Jobs that failed at the same moment must not be retried at the same moment."""
    assert [pause_ms(3, luck / 4) for luck in range(4)] == [0, 1000, 2000, 3000]
