from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from uploads.stores.breaker_rules import FAILURES, MAX_WAIT_MS, PAUSE_MS, Breaker, BreakerState

CLOSED, OPEN, HALF_OPEN = BreakerState


def failing(times: int, at_ms: int = 0) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.failed(at_ms)
    return breaker


def test_it_opens_with_enough_failures_in_a_row():
    assert failing(FAILURES - 1).state(0) is CLOSED
    assert failing(FAILURES).state(0) is OPEN


def test_an_answer_in_between_begins_the_count_anew():
    breaker = failing(FAILURES - 1).answered()
    assert breaker.failed(0).state(0) is CLOSED


def test_after_the_pause_one_probe_is_let_through():
    breaker = failing(FAILURES)
    assert breaker.state(PAUSE_MS - 1) is OPEN
    assert breaker.state(PAUSE_MS) is HALF_OPEN

    probing = breaker.begun(PAUSE_MS)

    assert probing.state(PAUSE_MS) is OPEN
    assert probing.answered().state(PAUSE_MS) is CLOSED
    assert probing.failed(PAUSE_MS + 1).state(2 * PAUSE_MS) is OPEN


def test_a_probe_that_is_never_answered_is_followed_by_another():
    assert failing(FAILURES).begun(PAUSE_MS).state(2 * PAUSE_MS) is HALF_OPEN


def test_jobs_begun_while_it_is_closed_change_nothing():
    breaker = failing(FAILURES - 1)
    assert breaker.begun(10) == breaker


def test_a_store_that_asks_for_it_is_left_alone_at_once_and_for_as_long_as_it_asked():
    breaker = Breaker().failed(0, 60_000)
    assert breaker.state(59_999) is OPEN
    assert breaker.state(60_000) is HALF_OPEN
    assert breaker.failed(1).state(59_999) is OPEN


def test_a_wait_is_never_longer_than_an_hour():
    assert Breaker().failed(0, 10**12).state(MAX_WAIT_MS) is HALF_OPEN


@given(st.lists(st.tuples(st.integers(0, PAUSE_MS), st.sampled_from(["begun", "failed", "answered"])), max_size=60))
def test_whatever_happens_it_opens_only_by_failures_and_never_for_ever(steps: list[tuple[int, str]]):
    breaker, now_ms, in_a_row = Breaker(), 0, 0
    for passed_ms, what in steps:
        now_ms += passed_ms
        in_a_row = {"begun": in_a_row, "failed": in_a_row + 1, "answered": 0}[what]
        breaker = breaker.answered() if what == "answered" else getattr(breaker, what)(now_ms)
        assert (breaker.state(now_ms) is CLOSED) == (in_a_row < FAILURES)
        assert breaker.state(now_ms + PAUSE_MS) is not OPEN
