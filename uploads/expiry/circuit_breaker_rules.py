"""The expiry circuit breaker, as a value: it freezes expiry when too much would be lost at once.

A mass loss is most likely our fault and not the users'. Times are milliseconds of service time. A freeze ends
`FREEZE_MS` after it began, and whatever was due by its end is *released*: it neither trips the breaker again nor is
held by a later freeze. A draft is therefore held at most once and for at most `FREEZE_MS`, unless its deadline is moved
meanwhile, so no draft lives forever.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

FREEZE_MS = 600_000
"""Duration of a freeze."""

DUE_WINDOW_MS = 60_000
"""Drafts that would expire within this window are counted together."""

LOST_WINDOW_MS = 30_000
"""Sockets lost within this window are counted together."""

MIN_DUE = 200
"""This many drafts expiring together never trip the breaker."""

MIN_LOST = 20
"""This many sockets lost together never trip the breaker."""


class Reason(StrEnum):
    """Why the breaker tripped."""

    DUE = "due"
    LOST = "lost"


class Seen(Struct, frozen=True):
    """Counts of one sweep over the windows above, without what has been released."""

    due: int
    """Drafts in grace that would expire."""
    drafts: int
    """All live drafts."""
    lost: int
    """Sockets lost: neither closed by their tab nor by a server that restarts."""
    sockets: int
    """All sockets: those live now and those closed in the window."""


class ExpiryBreaker(Struct, frozen=True):
    """State of the breaker; the defaults are those of a breaker that has never tripped."""

    frozen_until_ms: int | None = None
    released_ms: int = -1
    """No freeze holds deadlines up to here, and losses up to here do not trip the breaker."""
    exempt_ms: int = -1
    """Deadlines up to here do not trip the breaker."""


def reason_to_trip(seen: Seen) -> Reason | None:
    """Return why the breaker must trip, or None."""
    if seen.due > max(MIN_DUE, seen.drafts / 2):
        return Reason.DUE
    if seen.lost > max(MIN_LOST, seen.sockets / 2):
        return Reason.LOST
    return None


def trip(breaker: ExpiryBreaker, s_ms: int) -> ExpiryBreaker:
    """Start a freeze at S = `s_ms`."""
    return ExpiryBreaker(s_ms + FREEZE_MS, breaker.released_ms, breaker.exempt_ms)


def is_over(breaker: ExpiryBreaker, s_ms: int) -> bool:
    """Whether the current freeze has reached its end."""
    return breaker.frozen_until_ms is not None and s_ms >= breaker.frozen_until_ms


def reset(breaker: ExpiryBreaker, s_ms: int) -> ExpiryBreaker:
    """End a freeze at its time and release everything due by S = `s_ms`."""
    return ExpiryBreaker(None, s_ms, max(breaker.exempt_ms, s_ms))


def reset_by_operator(breaker: ExpiryBreaker, s_ms: int) -> ExpiryBreaker:
    """End a freeze early; what tripped the breaker must not trip it again."""
    return override(reset(breaker, s_ms), s_ms)


def override(breaker: ExpiryBreaker, s_ms: int) -> ExpiryBreaker:
    """Exempt deadlines set by a manual grace change from tripping the breaker."""
    return ExpiryBreaker(breaker.frozen_until_ms, breaker.released_ms, max(breaker.exempt_ms, s_ms + DUE_WINDOW_MS))


def horizon(breaker: ExpiryBreaker, s_ms: int) -> int:
    """Return the latest deadline that may expire at S = `s_ms`."""
    return s_ms if breaker.frozen_until_ms is None else min(s_ms, breaker.released_ms)
