from __future__ import annotations

import tracemalloc

from uploads.core.token_bucket import KEYS_REMEMBERED, KeyedLimiter, Rate, TokenBucket

RATE = Rate(600, 40.0)


def test_a_burst_is_allowed_and_then_the_rate_counts():
    bucket = TokenBucket(0.0, RATE)
    assert all(bucket.take(0.0) for _ in range(RATE.burst))
    assert not bucket.take(0.0)
    assert sum(bucket.take(1.0) for _ in range(100)) == 40


def test_a_long_pause_gives_no_more_than_one_burst():
    bucket = TokenBucket(0.0, RATE)
    assert sum(bucket.take(10_000.0) for _ in range(2 * RATE.burst)) == RATE.burst


def test_everybody_who_asks_has_a_bucket_of_its_own():
    limiter = KeyedLimiter(RATE)
    assert sum(limiter.take("ada", 0.0) for _ in range(2 * RATE.burst)) == RATE.burst

    assert limiter.take("bob", 0.0)


def test_who_was_quiet_longest_is_forgotten_first():
    limiter = KeyedLimiter(RATE)
    for name in ("ada", "bob"):
        assert not all(limiter.take(name, 0.0) for _ in range(RATE.burst + 1))
    limiter.take("ada", 0.0)
    for index in range(KEYS_REMEMBERED - 1):
        limiter.take(f"session{index}", 0.0)

    assert not limiter.take("ada", 0.0)
    assert limiter.take("bob", 0.0)


def test_a_cookie_that_is_no_sessions_takes_no_more_room_than_one_that_is():
    """They are counted before anybody looks who asks."""
    limiter = KeyedLimiter(RATE)
    tracemalloc.start()
    for index in range(1000):
        limiter.take(f"{index}" + "x" * 10_000, 0.0)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1_000_000
