"""How much a client may send, on plain values."""

from __future__ import annotations

import random
import tracemalloc
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.protocol.framing import CHUNK_HEADER
from consumers.rate_limits import (
    BAD_MESSAGES_IN_A_ROW,
    COMMANDS,
    CONNECTS,
    FILES_REMEMBERED,
    KEYS_REMEMBERED,
    PROGRESS_INTERVAL,
    Credit,
    ErrorBudget,
    KeyedLimiter,
    OpenSockets,
    ProgressThrottle,
    TokenBucket,
)
from uploads.core.errors import Code
from uploads.core.limits import Limits

LIMITS = Limits(chunk_bytes=1024, window_chunks=4)


def limiter_of_commands() -> KeyedLimiter:
    return KeyedLimiter(COMMANDS)


def moments_of_attempts(seconds: float, chance: random.Random) -> list[float]:
    """Return when a tab reconnects if all connections end at the same moment, by the delays of `backoff.js`."""
    at, tries, moments = 0.0, 0, []
    while at < seconds:
        moments.append(at)
        at += chance.random() * min(5.0, 0.25 * 2**tries)
        tries += 1
    return moments


def test_an_honest_window_never_costs_the_connection():
    credit = Credit(LIMITS)
    frame = LIMITS.chunk_bytes + CHUNK_HEADER.size
    for _ in range(1000):
        assert not any(credit.take(frame) for _ in range(LIMITS.window_chunks))
        for _ in range(LIMITS.window_chunks):
            credit.give_back(frame)


def test_more_than_two_windows_waiting_is_a_flood():
    credit = Credit(LIMITS)
    frame = LIMITS.chunk_bytes + CHUNK_HEADER.size
    taken = [credit.take(frame) for _ in range(2 * LIMITS.window_chunks + 1)]

    assert taken == [None] * (2 * LIMITS.window_chunks) + [Code.TOO_MUCH_DATA]


def test_more_messages_waiting_than_may_come_at_once_are_a_flood_however_short():
    credit = Credit(LIMITS)
    taken = [credit.take(0) for _ in range(COMMANDS.burst + 1)]

    assert taken == [None] * COMMANDS.burst + [Code.TOO_FAST]


def test_a_session_has_as_many_sockets_as_it_may_and_another_one_when_one_ends():
    sockets = OpenSockets()
    assert [sockets.enter("ada", 2) for _ in range(3)] == [True, True, False]
    assert sockets.enter("bob", 2)
    sockets.leave("ada")

    assert sockets.enter("ada", 2)
    assert not sockets.enter("ada", 2)


def test_the_error_budget_ends_with_the_tenth_bad_message_in_a_row():
    budget = ErrorBudget()
    assert [budget.spend() for _ in range(BAD_MESSAGES_IN_A_ROW - 1)] == [False] * (BAD_MESSAGES_IN_A_ROW - 1)
    budget.reset()
    answers = [budget.spend() for _ in range(BAD_MESSAGES_IN_A_ROW)]

    assert answers == [False] * (BAD_MESSAGES_IN_A_ROW - 1) + [True]


def test_a_burst_is_allowed_and_then_the_rate_counts():
    bucket = TokenBucket(0.0, COMMANDS)
    assert all(bucket.take(0.0) for _ in range(COMMANDS.burst))
    assert not bucket.take(0.0)
    assert sum(bucket.take(1.0) for _ in range(100)) == 40


def test_a_long_pause_gives_no_more_than_one_burst():
    bucket = TokenBucket(0.0, COMMANDS)
    assert sum(bucket.take(10_000.0) for _ in range(2 * COMMANDS.burst)) == COMMANDS.burst


def test_every_session_that_asks_has_a_bucket_of_its_own():
    limiter = limiter_of_commands()
    assert sum(limiter.take("ada", 0.0) for _ in range(2 * COMMANDS.burst)) == COMMANDS.burst

    assert limiter.take("bob", 0.0)


def test_the_session_that_was_quiet_longest_is_forgotten_first():
    limiter = limiter_of_commands()
    for name in ("ada", "bob"):
        assert not all(limiter.take(name, 0.0) for _ in range(COMMANDS.burst + 1))
    limiter.take("ada", 0.0)
    for index in range(KEYS_REMEMBERED - 1):
        limiter.take(f"session{index}", 0.0)

    assert not limiter.take("ada", 0.0)
    assert limiter.take("bob", 0.0)


def test_a_cookie_that_is_no_sessions_takes_no_more_room_than_one_that_is():
    """They are counted before the session is looked up."""
    limiter = limiter_of_commands()
    tracemalloc.start()
    for index in range(1000):
        limiter.take(f"{index}" + "x" * 10_000, 0.0)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1_000_000


@pytest.mark.parametrize("seed", range(20))
def test_twenty_tabs_that_lose_their_connection_for_a_minute_are_all_let_in(seed: int):
    chance = random.Random(seed)  # noqa: S311 - reproducible, no secret
    limiter = KeyedLimiter(CONNECTS)
    attempts = sorted(moment for _ in range(20) for moment in moments_of_attempts(60, chance))

    assert all(limiter.take("ada", moment) for moment in attempts)


def test_a_tab_that_connects_in_a_loop_is_let_in_four_times_a_second():
    limiter = KeyedLimiter(CONNECTS)
    first = sum(limiter.take("ada", 0.0) for _ in range(2 * CONNECTS.burst))
    then = sum(limiter.take("ada", 1 + number / 100) for number in range(900))

    assert first == CONNECTS.burst
    assert 38 <= then <= 40


@given(st.lists(st.floats(0, 0.1), max_size=200))
def test_progress_is_told_at_most_five_times_a_second(pauses: list[float]):
    throttle, file, now, told = ProgressThrottle(), uuid4(), 0.0, []
    for pause in pauses:
        now += pause
        if throttle.due(file, now):
            told.append(now)

    assert all(later - earlier >= 0.2 for earlier, later in pairwise(told))


def test_one_files_progress_does_not_hold_back_anothers():
    throttle = ProgressThrottle()

    assert throttle.due(uuid4(), 1.0)
    assert throttle.due(uuid4(), 1.0)


def test_files_that_are_given_up_take_no_room_for_ever():
    throttle, files = ProgressThrottle(), [uuid4() for _ in range(10 * FILES_REMEMBERED)]
    tracemalloc.start()
    assert all(throttle.due(file, number * PROGRESS_INTERVAL / 10) for number, file in enumerate(files))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 200 * FILES_REMEMBERED
    assert not throttle.due(files[-1], len(files) * PROGRESS_INTERVAL / 10)
