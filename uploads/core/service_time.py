"""Service time and grace, decided with plain numbers. All times are integer milliseconds.

*Service time* S counts only time in which a reconnect could have been accepted: it is ticked by
processes that accept, each step capped, so a deploy or an outage stops it. Deadlines and leases are
in S; therefore an outage can only ever delay a deletion (``docs/guarantees.md``).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

STEP_CAP_MS = 2_000
"""The most one tick or one reading may add to S."""

GAP_MS = 5_000
"""A longer silence between two ticks was an outage: drafts in grace get the re-arrival floor."""

FLOOR_MS = 60_000
"""What a draft in grace has left at least after an outage (or N, if shorter)."""

CLOCK_BACK_MS = 60_000
"""A database clock that fell back further than this is believed; less is jitter."""

LEASE_MS = 15_000
"""How long a process counts as alive after its last heartbeat."""

REQUEST_GRACE_MS = 180_000
"""What a plain HTTP request renews a draft's deadline to at least: a hidden tab asks about once a minute."""

VISIT_MS = 30_000
"""How long after its last request a tab without a socket counts as sending the files it took."""


MAX_SECONDS = 31_536_000
"""No grace is longer than a year: more is a slip of the keyboard."""


class Cause(StrEnum):
    """How the last socket of a draft ended."""

    CLEAN = "clean"
    LOST = "lost"
    LAPSED = "lapsed"
    RESTART = "restart"
    REQUEST = "request"
    """No socket at all yet: the draft was made or touched by an HTTP request."""


class Tick(Struct, frozen=True):
    """The clock row after a tick, and whether an outage lay before it."""

    s_ms: int
    last_ms: int
    after_gap: bool


def tick(s_ms: int, last_ms: int, now_ms: int) -> Tick:
    """Advance the clock row ``(s_ms, last_ms)`` to the database time `now_ms`.

    A step is never negative and at most `STEP_CAP_MS`. `last_ms` only goes back when the database
    clock fell by more than `CLOCK_BACK_MS`.
    """
    silence = now_ms - last_ms
    step = min(max(silence, 0), STEP_CAP_MS)
    last = now_ms if silence < -CLOCK_BACK_MS else max(last_ms, now_ms)
    return Tick(s_ms + step, last, silence > GAP_MS)


def service_now(s_ms: int, last_ms: int, now_ms: int) -> int:
    """S at the database time `now_ms`. The bare column lags up to a second: deadlines would fire early."""
    return s_ms + min(max(now_ms - last_ms, 0), STEP_CAP_MS)


def cause_of_close(code: int | None) -> Cause:
    """What a socket's close code says: 1000, 1001 and 3000-4999 are a clean end, anything else a loss.

    A close frame without a code arrives as None, a broken connection as 1006 or 1005 (measured).
    """
    if code in (1000, 1001) or (code is not None and 3000 <= code <= 4999):
        return Cause.CLEAN
    return Cause.LOST


class GraceSettings(Struct, frozen=True):
    """N in seconds: after a clean end, and after anything else. Raises `ValueError` outside 1 to `MAX_SECONDS`."""

    seconds: int
    seconds_lost: int

    def __post_init__(self) -> None:
        for value in (self.seconds, self.seconds_lost):
            if not 1 <= value <= MAX_SECONDS:
                raise ValueError(f"A grace is between 1 and {MAX_SECONDS} seconds. Got: {value}.")

    def milliseconds(self, cause: Cause) -> int:
        """N(cause) in milliseconds."""
        clean = cause in (Cause.CLEAN, Cause.REQUEST)
        return (self.seconds if clean else self.seconds_lost) * 1000

    def request_milliseconds(self) -> int:
        """What a request of a tab without a socket gives its draft: max(N, 180 s), in milliseconds."""
        return max(self.milliseconds(Cause.REQUEST), REQUEST_GRACE_MS)


def floor_ms(n_ms: int) -> int:
    """The re-arrival floor for a draft whose N is `n_ms`."""
    return min(n_ms, FLOOR_MS)


def regranted(
    deadline_ms: int, since_ms: int, cause: Cause, before: GraceSettings, after: GraceSettings, s_ms: int
) -> int:
    """The deadline of a draft in grace once N was changed from `before` to `after` at S = `s_ms`.

    It counts from where the grace began, or from the last HTTP request that renewed it (every draft of
    cause REQUEST, and any whose deadline lies beyond its N); a request is renewed in the new measure.
    Nothing expires sooner than 60 s after the change (or N, if shorter).
    """
    n_ms = after.milliseconds(cause)
    deadline = max(since_ms + n_ms, s_ms + floor_ms(n_ms))
    if cause is Cause.REQUEST or deadline_ms > since_ms + before.milliseconds(cause):
        return max(deadline, deadline_ms - before.request_milliseconds() + after.request_milliseconds())
    return deadline
