from __future__ import annotations

import time

import pytest

from consumers import work_shares as module
from consumers.work_shares import EXPECTED_SECONDS, MAX_DELAY, WORK_BURST, WORK_SHARE, WorkShares


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def _at_once(shares: WorkShares) -> int:
    """How many of many requests may begin without a delay."""
    return [shares.reserve("ada") for _ in range(100)].count(0)


def test_who_used_the_burst_up_waits_until_their_share_made_up_for_it():
    clock = Clock()
    shares = WorkShares(clock)
    assert shares.reserve("ada") == 0
    shares.end("ada", WORK_BURST + WORK_SHARE)
    clock.now = 0.25

    assert shares.reserve("ada") == pytest.approx(0.75)
    assert shares.reserve("bob") == 0


def test_requests_begin_in_their_order():
    shares = WorkShares(Clock())
    delays = [shares.reserve("ada") for _ in range(30)]

    assert delays == sorted(delays)
    assert delays[0] == 0
    assert delays[-1] == pytest.approx(1.9 / WORK_SHARE)


@pytest.mark.parametrize("costs", [[100.0], [1.0] * 11])
def test_expensive_pages_delay_the_next_one_and_no_more(costs: list[float]):
    clock = Clock()
    shares = WorkShares(clock)
    for _ in costs:
        shares.reserve("ada")
    for seconds in costs:
        shares.end("ada", seconds)

    assert shares.reserve("ada") == pytest.approx(MAX_DELAY)
    clock.now = MAX_DELAY + 1
    assert shares.reserve("ada") == 0


def test_what_has_begun_counts_before_it_is_known_what_it_took():
    clock = Clock()
    shares = WorkShares(clock)

    assert _at_once(shares) == pytest.approx(WORK_BURST / EXPECTED_SECONDS, abs=1)


def test_a_pause_gives_no_more_than_one_burst():
    clock = Clock()
    shares = WorkShares(clock)
    shares.reserve("ada")
    clock.now = 1_000.0
    shares.end("ada", 0.0)

    assert _at_once(shares) == pytest.approx(WORK_BURST / EXPECTED_SECONDS, abs=1)


def test_what_the_block_took_of_the_processor_is_counted(monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    taken = iter([3.0, 3.0 + 2 * WORK_BURST])
    monkeypatch.setattr(time, "thread_time", lambda: next(taken))
    shares = WorkShares(clock)
    shares.reserve("ada")
    with shares.counted("ada"):
        pass

    assert shares.reserve("ada") > 0


def test_who_was_quiet_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    monkeypatch.setattr(module, "KEYS_REMEMBERED", 2)
    shares = WorkShares(clock)
    for key in ("ada", "bob", "ada", "eve"):
        shares.end(key, 10.0)

    assert [shares.reserve(key) > 0 for key in ("ada", "eve", "bob")] == [True, True, False]
