"""The blast brake: when too much would be lost at once it is most likely us, not the users; expiry freezes.

Times are milliseconds of service time. Why no draft lives for ever: a freeze ends `FREEZE_MS` after it
began, and whatever was due by its end is *released*: it neither asks for another freeze nor is held by
one. So a draft is held at most once, for at most `FREEZE_MS`, unless its deadline is moved meanwhile.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

FREEZE_MS = 600_000
"""How long a freeze lasts."""

DUE_WINDOW_MS = 60_000
"""Drafts that would expire within this are counted together."""

LOST_WINDOW_MS = 30_000
"""Sockets that were lost within this were lost at once."""

LEAST_DUE = 200
"""So many drafts may always expire together."""

LEAST_LOST = 20
"""So many sockets may always be lost together."""


class Reason(StrEnum):
    """What asked for a freeze."""

    DUE = "due"
    LOST = "lost"


class Seen(Struct, frozen=True):
    """What the sweeper counts, over the windows above and without what the brake has released."""

    due: int
    """Drafts in grace that would expire."""
    drafts: int
    """All live drafts."""
    lost: int
    """Sockets lost: neither closed by their tab nor by a server that restarts."""
    sockets: int
    """Sockets that there were: those live now and all that were closed."""


class Brake(Struct, frozen=True):
    """The state of the brake; a new one has never frozen anything."""

    frozen_until_ms: int | None = None
    released_ms: int = -1
    """Deadlines up to here are held by no freeze, and losses up to here ask for none."""
    exempt_ms: int = -1
    """Deadlines up to here ask for no freeze."""


def reason_to_freeze(seen: Seen) -> Reason | None:
    """Why expiry must freeze, or None."""
    if seen.due > max(LEAST_DUE, seen.drafts / 2):
        return Reason.DUE
    if seen.lost > max(LEAST_LOST, seen.sockets / 2):
        return Reason.LOST
    return None


def frozen(brake: Brake, s_ms: int) -> Brake:
    """The brake once a freeze began at S = `s_ms`."""
    return Brake(s_ms + FREEZE_MS, brake.released_ms, brake.exempt_ms)


def over(brake: Brake, s_ms: int) -> bool:
    """Whether a freeze has lasted its time."""
    return brake.frozen_until_ms is not None and s_ms >= brake.frozen_until_ms


def ended(brake: Brake, s_ms: int) -> Brake:
    """The brake once its freeze has ended by itself: all that was due by then is released."""
    return Brake(None, s_ms, max(brake.exempt_ms, s_ms))


def lifted(brake: Brake, s_ms: int) -> Brake:
    """The brake once an operator ended the freeze: what made it freeze must not freeze it again."""
    return exempted(ended(brake, s_ms), s_ms)


def exempted(brake: Brake, s_ms: int) -> Brake:
    """The brake once the grace was changed by hand: the deadlines that made are meant."""
    return Brake(brake.frozen_until_ms, brake.released_ms, max(brake.exempt_ms, s_ms + DUE_WINDOW_MS))


def horizon(brake: Brake, s_ms: int) -> int:
    """Drafts whose deadline is at most this may expire at S = `s_ms`."""
    return s_ms if brake.frozen_until_ms is None else min(s_ms, brake.released_ms)
