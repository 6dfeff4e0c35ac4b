"""Token buckets: a burst, then a steady rate. Times are seconds of any steady clock."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import NamedTuple

KEYS_REMEMBERED = 10_000


class Rate(NamedTuple):
    """The size of a token bucket and how fast it refills."""

    burst: int
    per_second: float


class TokenBucket:
    """Allows a burst, then a steady rate."""

    def __init__(self, now: float, rate: Rate) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Take a token; False if there is none at `now`."""
        self._tokens = min(self._rate.burst, self._tokens + (now - self._filled_at) * self._rate.per_second)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class KeyedLimiter:
    """A token bucket per key (a session or a user); the least recently used is evicted first."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: OrderedDict[bytes, TokenBucket] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """Take a token of `key`; False if there is none at `now`."""
        # Pop and reinsert: this cannot fail, whatever the threads of other requests do meanwhile.
        digest = digest_of(key)
        bucket = self._buckets[digest] = self._buckets.pop(digest, TokenBucket(now, self._rate))
        if len(self._buckets) > KEYS_REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket.take(now)


def digest_of(key: str) -> bytes:
    """Shorten a key, which may come from an unchecked cookie as long as a header."""
    return hashlib.sha256(key.encode()).digest()
