"""The circuit breaker of the store, as a value: closed, open, half open.

Theory of operation
-------------------
*Closed*: jobs run. After `FAILURES` failures in a row, whatever the jobs, it is *open* for `PAUSE_MS`: no job is begun,
so none burns its tries against a store that is known to be down. After the pause it is *half open*: one job is begun as
a probe, which opens it again for the next `PAUSE_MS`. Any answer of the store closes it, any failure renews the pause.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

FAILURES = 5
PAUSE_MS = 15_000


class BreakerState(StrEnum):
    """Whether calls of the store may begin."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker(Struct, frozen=True):
    """Failures in a row, and until when (ms of service time) the store is left alone after too many."""

    failures: int = 0
    until_ms: int = 0

    def state(self, now_ms: int) -> BreakerState:
        """Where the breaker stands at `now_ms`."""
        if self.failures < FAILURES:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_ms < self.until_ms else BreakerState.HALF_OPEN

    def begun(self, now_ms: int) -> Breaker:
        """A job was begun: a half open breaker lets no second one through before the pause is over again."""
        if self.state(now_ms) is BreakerState.HALF_OPEN:
            return Breaker(self.failures, now_ms + PAUSE_MS)
        return self

    def failed(self, now_ms: int) -> Breaker:
        """The store did not answer a call, or not as it should."""
        return Breaker(self.failures + 1, now_ms + PAUSE_MS)

    def answered(self) -> Breaker:
        """The store did what it was asked."""
        return Breaker()
