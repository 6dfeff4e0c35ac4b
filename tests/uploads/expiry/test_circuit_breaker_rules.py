from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.expiry import circuit_breaker_rules as rules
from uploads.expiry.circuit_breaker_rules import DUE_WINDOW_MS, FREEZE_MS, ExpiryBreaker, Reason, Seen

QUIET = Seen(due=0, drafts=0, lost=0, sockets=0)


@pytest.mark.parametrize(
    ("due", "drafts", "reason"),
    [(200, 200, None), (201, 201, Reason.DUE), (201, 402, None), (500, 1000, None), (501, 1000, Reason.DUE)],
)
def test_more_than_two_hundred_and_half_of_all_drafts_at_once_are_too_many(
    due: int, drafts: int, reason: Reason | None
):
    assert rules.reason_to_trip(Seen(due=due, drafts=drafts, lost=0, sockets=0)) is reason


@pytest.mark.parametrize(
    ("lost", "sockets", "reason"),
    [(20, 20, None), (21, 21, Reason.LOST), (21, 42, None), (500, 1000, None), (501, 1000, Reason.LOST)],
)
def test_more_than_twenty_and_half_of_all_sockets_lost_at_once_are_too_many(
    lost: int, sockets: int, reason: Reason | None
):
    assert rules.reason_to_trip(Seen(due=0, drafts=0, lost=lost, sockets=sockets)) is reason


def test_a_free_breaker_holds_nothing():
    assert rules.horizon(ExpiryBreaker(), 5_000) == 5_000
    assert not rules.is_over(ExpiryBreaker(), 10**12)


def test_a_freeze_holds_what_becomes_due_and_ends():
    frozen = rules.trip(ExpiryBreaker(), 1_000)
    assert rules.horizon(frozen, 2_000) == -1
    assert not rules.is_over(frozen, 1_000 + FREEZE_MS - 1)
    assert rules.is_over(frozen, 1_000 + FREEZE_MS)
    assert rules.horizon(rules.reset(frozen, 1_000 + FREEZE_MS), 1_000 + FREEZE_MS) == 1_000 + FREEZE_MS


def test_what_was_released_passes_through_the_next_freeze():
    released = rules.reset(rules.trip(ExpiryBreaker(), 0), FREEZE_MS)
    assert rules.horizon(rules.trip(released, FREEZE_MS + 5), FREEZE_MS + 10) == FREEZE_MS


def test_a_freeze_that_an_operator_lifted_does_not_come_back_for_the_same_drafts():
    """What would expire within the minute is what tripped it."""
    assert rules.reset_by_operator(rules.trip(ExpiryBreaker(), 0), 1_000).exempt_ms == 1_000 + DUE_WINDOW_MS


def test_a_change_by_hand_lets_nothing_through_a_freeze():
    frozen = rules.trip(ExpiryBreaker(), 0)
    changed = rules.override(frozen, 1_000)
    assert rules.horizon(changed, 50_000) == rules.horizon(frozen, 50_000)
    assert changed.exempt_ms == 1_000 + DUE_WINDOW_MS


# --- Nothing is held forever

SECOND = 1_000
drafts = st.lists(st.sampled_from([1, 30, 61, 90, 400, 599, 600, 601, 650, 700, 1199, 1230, 1300]), max_size=12)
alarms = st.sets(st.integers(0, 2_600), max_size=8)


@given(drafts.map(sorted), alarms, st.sets(st.integers(0, 2_600), max_size=2))
def test_whatever_happens_a_draft_is_held_once_and_never_expires_early(
    seconds: list[int], losses: set[int], changes: set[int]
):
    """One sweep a second; two drafts due together count as too many, and so does every mass loss."""
    now, waiting, delays = ExpiryBreaker(), [second * SECOND for second in seconds], []
    for s_ms in range(0, 4_000 * SECOND, SECOND):
        if s_ms // SECOND in changes:
            now = rules.override(now, s_ms)
        due = sum(now.exempt_ms < deadline <= s_ms + DUE_WINDOW_MS for deadline in waiting)
        if rules.is_over(now, s_ms):
            now = rules.reset(now, s_ms)
        elif now.frozen_until_ms is None and (due >= 2 or s_ms // SECOND in losses):
            now = rules.trip(now, s_ms)
        gone = [deadline for deadline in waiting if deadline <= rules.horizon(now, s_ms)]
        waiting = [deadline for deadline in waiting if deadline > rules.horizon(now, s_ms)]
        delays += [s_ms - deadline for deadline in gone]
        if not waiting:
            break

    assert waiting == []
    assert all(0 <= delay <= FREEZE_MS for delay in delays)
