"""The circuit breaker of the store as a value: closed, open, half open.

Theory of operation
-------------------
*Closed*: jobs run. After `FAILURES` consecutive failures of any jobs the breaker is *open* for `PAUSE_MS`: no job
begins, so none wastes its attempts on a store that is known to be down. After the pause it is *half open*: one job
begins as a probe, which opens it again for the next `PAUSE_MS`. Any answer of the store closes it, and any failure
renews the pause. A store that asks to be left alone opens it at once, for as long as it asks, up to `MAX_WAIT_MS`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

FAILURES = 5
PAUSE_MS = 15_000
MAX_WAIT_MS = 3_600_000
"""Quotas are renewed by the hour, so a longer wait in a response is a mistake."""


class BreakerState(StrEnum):
    """Whether jobs may begin."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker(Struct, frozen=True):
    """Consecutive failures, and until when (ms of service time) the store is left alone after too many."""

    failures: int = 0
    until_ms: int = 0

    def state(self, now_ms: int) -> BreakerState:
        """Return the breaker's state at `now_ms`."""
        if self.failures < FAILURES:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_ms < self.until_ms else BreakerState.HALF_OPEN

    def begun(self, now_ms: int) -> Breaker:
        """Record that a job began; a half-open breaker lets no second one through before the next pause is over."""
        if self.state(now_ms) is BreakerState.HALF_OPEN:
            return Breaker(self.failures, now_ms + PAUSE_MS)
        return self

    def failed(self, now_ms: int, wait_ms: int | None = None) -> Breaker:
        """Record a call without a usable answer, or a request to be left alone for `wait_ms`."""
        if wait_ms is None:
            return Breaker(self.failures + 1, max(self.until_ms, now_ms + PAUSE_MS))
        until_ms = max(self.until_ms, now_ms + min(wait_ms, MAX_WAIT_MS))
        return Breaker(max(self.failures + 1, FAILURES), until_ms)

    def answered(self) -> Breaker:
        """Record an answer of the store."""
        return Breaker()
