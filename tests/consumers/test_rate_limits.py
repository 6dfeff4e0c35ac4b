"""The rules of one connection, on plain values."""

from __future__ import annotations

import random
import tracemalloc
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.protocol.messages import CHUNK_HEADER
from consumers.rate_limits import (
    BAD_MESSAGES_IN_A_ROW,
    CLOSE_CODES,
    COMMANDS,
    CONNECTS,
    FILES_REMEMBERED,
    PROGRESS_INTERVAL,
    SESSIONS_REMEMBERED,
    Credit,
    Pace,
    Paces,
    Patience,
    ProgressPace,
    parse_chunk,
)
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits

LIMITS = Limits(chunk_bytes=1024, window_chunks=4)


def paces_of_commands() -> Paces:
    return Paces(COMMANDS)


def moments_of_attempts(seconds: float, chance: random.Random) -> list[float]:
    """When a tab connects whose connections all end at once: `backoff.js`, from the same moment on for all tabs."""
    at, tries, moments = 0.0, 0, []
    while at < seconds:
        moments.append(at)
        at += chance.random() * min(5.0, 0.25 * 2**tries)
        tries += 1
    return moments


@given(handle=st.integers(0, 2**32 - 1), offset=st.integers(0, 2**64 - 1), payload=st.binary(min_size=1, max_size=1024))
def test_a_chunk_comes_apart_as_it_was_put_together(handle: int, offset: int, payload: bytes):
    chunk = parse_chunk(CHUNK_HEADER.pack(handle, offset) + payload, LIMITS)

    assert (chunk.handle, chunk.offset, bytes(chunk.payload)) == (handle, offset, payload)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 12 + 1025])
def test_a_chunk_without_payload_or_with_too_much_is_refused(length: int):
    with pytest.raises(Refusal) as refused:
        parse_chunk(b"\0" * length, LIMITS)

    assert refused.value.code is Code.BAD_MESSAGE


def test_an_honest_window_never_costs_the_connection():
    credit = Credit(LIMITS)
    frame = LIMITS.chunk_bytes + CHUNK_HEADER.size
    for _ in range(1000):
        assert all(credit.take(frame) for _ in range(LIMITS.window_chunks))
        for _ in range(LIMITS.window_chunks):
            credit.give_back(frame)


def test_more_than_two_windows_waiting_is_a_flood():
    credit = Credit(LIMITS)
    frame = LIMITS.chunk_bytes + CHUNK_HEADER.size
    taken = [credit.take(frame) for _ in range(2 * LIMITS.window_chunks + 1)]

    assert taken == [True] * (2 * LIMITS.window_chunks) + [False]


def test_patience_ends_with_the_tenth_bad_message_in_a_row():
    patience = Patience()
    assert [patience.bad() for _ in range(BAD_MESSAGES_IN_A_ROW - 1)] == [False] * (BAD_MESSAGES_IN_A_ROW - 1)
    patience.good()
    answers = [patience.bad() for _ in range(BAD_MESSAGES_IN_A_ROW)]

    assert answers == [False] * (BAD_MESSAGES_IN_A_ROW - 1) + [True]


def test_a_burst_is_allowed_and_then_the_pace_counts():
    pace = Pace(0.0, COMMANDS)
    assert all(pace.take(0.0) for _ in range(COMMANDS.at_once))
    assert not pace.take(0.0)
    assert sum(pace.take(1.0) for _ in range(100)) == 40


def test_a_long_pause_gives_no_more_than_one_burst():
    pace = Pace(0.0, COMMANDS)
    assert sum(pace.take(10_000.0) for _ in range(2 * COMMANDS.at_once)) == COMMANDS.at_once


def test_every_session_that_asks_has_a_pace_of_its_own():
    paces = paces_of_commands()
    assert sum(paces.take("ada", 0.0) for _ in range(2 * COMMANDS.at_once)) == COMMANDS.at_once

    assert paces.take("bob", 0.0)


def test_the_session_that_was_quiet_longest_is_forgotten_first():
    paces = paces_of_commands()
    for name in ("ada", "bob"):
        assert not all(paces.take(name, 0.0) for _ in range(COMMANDS.at_once + 1))
    paces.take("ada", 0.0)
    for index in range(SESSIONS_REMEMBERED - 1):
        paces.take(f"session{index}", 0.0)

    assert not paces.take("ada", 0.0)
    assert paces.take("bob", 0.0)


def test_a_cookie_that_is_no_sessions_takes_no_more_room_than_one_that_is():
    """They are counted before anybody looks who asks."""
    paces = paces_of_commands()
    tracemalloc.start()
    for index in range(1000):
        paces.take(f"{index}" + "x" * 10_000, 0.0)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1_000_000


@pytest.mark.parametrize("seed", range(20))
def test_twenty_tabs_that_lose_their_connection_for_a_minute_are_all_let_in(seed: int):
    chance = random.Random(seed)  # noqa: S311 - reproducible, no secret
    paces = Paces(CONNECTS)
    attempts = sorted(moment for _ in range(20) for moment in moments_of_attempts(60, chance))

    assert all(paces.take("ada", moment) for moment in attempts)


def test_a_tab_that_connects_in_a_loop_is_let_in_four_times_a_second():
    paces = Paces(CONNECTS)
    first = sum(paces.take("ada", 0.0) for _ in range(2 * CONNECTS.at_once))
    then = sum(paces.take("ada", 1 + number / 100) for number in range(900))

    assert first == CONNECTS.at_once
    assert 38 <= then <= 40


@given(st.lists(st.floats(0, 0.1), max_size=200))
def test_progress_is_told_at_most_five_times_a_second(pauses: list[float]):
    pace, file, now, told = ProgressPace(), uuid4(), 0.0, []
    for pause in pauses:
        now += pause
        if pace.due(file, now):
            told.append(now)

    assert all(later - earlier >= 0.2 for earlier, later in pairwise(told))


def test_one_files_progress_does_not_hold_back_anothers():
    pace = ProgressPace()

    assert pace.due(uuid4(), 1.0)
    assert pace.due(uuid4(), 1.0)


def test_files_that_are_given_up_take_no_room_for_ever():
    pace, files = ProgressPace(), [uuid4() for _ in range(10 * FILES_REMEMBERED)]
    tracemalloc.start()
    assert all(pace.due(file, number * PROGRESS_INTERVAL / 10) for number, file in enumerate(files))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 200 * FILES_REMEMBERED
    assert not pace.due(files[-1], len(files) * PROGRESS_INTERVAL / 10)


def test_every_close_code_has_a_refusal_of_its_own():
    assert len(set(CLOSE_CODES.values())) == len(CLOSE_CODES)
