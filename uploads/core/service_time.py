"""Service time, computed from plain numbers. All times are integer milliseconds.

*Service time* S counts only time in which a reconnect could have been accepted. Processes that accept connections tick
it, each step is capped, and a deploy or an outage stops it. Deadlines and leases are in S, so an outage can only delay
a deletion (``docs/guarantees.md``).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

STEP_CAP_MS = 2_000
"""Maximum that one tick or one reading adds to S."""

OUTAGE_MS = 5_000
"""A longer silence between two ticks is an outage, after which drafts in grace get the re-arrival floor."""

CLOCK_BACK_MS = 60_000
"""A database clock that falls back further than this is followed; less is jitter."""

LEASE_MS = 15_000
"""How long a process counts as alive after its last heartbeat."""


class Cause(StrEnum):
    """How the last socket of a draft ended."""

    CLEAN = "clean"
    LOST = "lost"
    LAPSED = "lapsed"
    RESTART = "restart"
    REQUEST = "request"
    """No socket yet: an HTTP request opened the draft or extended its deadline."""


class Tick(Struct, frozen=True):
    """The clock row after a tick, and whether an outage preceded it."""

    s_ms: int
    last_ms: int
    after_outage: bool


def tick(s_ms: int, last_ms: int, now_ms: int) -> Tick:
    """Advance the clock row ``(s_ms, last_ms)`` to the database time `now_ms`.

    A step is never negative and at most `STEP_CAP_MS`. `last_ms` only goes back when the database
    clock fell by more than `CLOCK_BACK_MS`.
    """
    silence = now_ms - last_ms
    step = min(max(silence, 0), STEP_CAP_MS)
    last = now_ms if silence < -CLOCK_BACK_MS else max(last_ms, now_ms)
    return Tick(s_ms + step, last, silence > OUTAGE_MS)


def service_now(s_ms: int, last_ms: int, now_ms: int) -> int:
    """Return S at the database time `now_ms`. The column alone lags by up to a second."""
    return s_ms + min(max(now_ms - last_ms, 0), STEP_CAP_MS)


def cause_of_close(code: int | None) -> Cause:
    """Map a close code to its cause: 1000, 1001 and 3000-4999 are a clean end, anything else is a loss.

    A close frame without a code arrives as None, a broken connection as 1006 or 1005 (measured).
    """
    if code in (1000, 1001) or (code is not None and 3000 <= code <= 4999):
        return Cause.CLEAN
    return Cause.LOST
