from __future__ import annotations

import time

import pytest

from consumers import work_shares as module
from consumers.work_shares import EXPECTED_SECONDS, WORK_BURST, WORK_SHARE, WorkShares


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_used_the_burst_up_waits_until_their_share_made_up_for_it():
    clock = Clock()
    shares = WorkShares(clock)
    assert shares.begin("ada")
    shares.end("ada", WORK_BURST + WORK_SHARE)
    assert not shares.begin("ada")
    assert shares.begin("bob")
    clock.now = 0.9
    assert not shares.begin("ada")
    clock.now = 1.1
    assert shares.begin("ada")


def test_what_has_begun_counts_before_it_is_known_what_it_took():
    clock = Clock()
    shares = WorkShares(clock)
    begun = sum(shares.begin("ada") for _ in range(100))

    assert begun == pytest.approx(WORK_BURST / EXPECTED_SECONDS, abs=1)


def test_a_pause_gives_no_more_than_one_burst():
    clock = Clock()
    shares = WorkShares(clock)
    shares.begin("ada")
    clock.now = 1_000.0
    shares.end("ada", 0.0)
    begun = sum(shares.begin("ada") for _ in range(100))

    assert begun == pytest.approx(WORK_BURST / EXPECTED_SECONDS, abs=1)


def test_what_the_block_took_of_the_processor_is_counted(monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    taken = iter([3.0, 3.0 + 2 * WORK_BURST])
    monkeypatch.setattr(time, "thread_time", lambda: next(taken))
    shares = WorkShares(clock)
    shares.begin("ada")
    with shares.counted("ada"):
        pass

    assert not shares.begin("ada")


def test_who_was_quiet_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    monkeypatch.setattr(module, "KEYS_REMEMBERED", 2)
    shares = WorkShares(clock)
    for key in ("ada", "bob", "ada", "eve"):
        shares.end(key, 10.0)

    assert [shares.begin(key) for key in ("ada", "eve", "bob")] == [False, False, True]
