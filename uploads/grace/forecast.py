"""Simulate an N against the recorded disconnections, with plain numbers.

A *disconnection* is the time a draft was without a live socket. It ends when someone returns or when the draft expires.
An expired draft is cut off at the N it was given, so whether someone would still have returned is unknown. It counts as
abandoned at every N and never as lost. A forecast is therefore exact for an N up to the one in force at the time of
recording, and a lower bound beyond it. A disconnection before the first socket (cause ``request``) has a rule of its
own and counts only in its own percentiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from uuid import UUID

from msgspec import Struct

from uploads.core.service_time import Cause
from uploads.grace.rules import GraceSettings

PERCENTILES = (50, 90, 95, 99)
CLEAN = frozenset({Cause.CLEAN})
LOST = frozenset({Cause.LOST, Cause.LAPSED, Cause.RESTART})
"""The causes that have the longer N."""


class Disconnection(Struct, frozen=True):
    """One disconnection of one draft."""

    draft: UUID
    cause: Cause
    duration_ms: int
    returned: bool = True
    bytes: int = 0
    """Bytes that the draft held in the store; recorded only when it expired."""


class Percentiles(Struct, frozen=True):
    """Duration of the disconnections of one cause that ended with a return, in milliseconds; counts of both kinds."""

    count: int
    never_returned: int
    percentiles: dict[int, int]
    """Nearest rank: p percent were at most this long. Empty without disconnections."""
    max_ms: int | None


class Forecast(Struct, frozen=True):
    """Outcome of an N for the drafts on record."""

    returned: int
    """Drafts that someone returned to."""
    lost: int
    """Those of them that would have expired by then."""
    abandoned: int
    """Drafts that nobody returned to. Each is kept for N."""
    gigabyte_hours: float
    """What keeping the abandoned drafts would have cost in the store."""


def percentiles(disconnections: Sequence[Disconnection], cause: Cause) -> Percentiles:
    """Return the percentiles of the disconnections of `cause`."""
    durations = sorted(one.duration_ms for one in disconnections if one.cause is cause and one.returned)
    never = sum(one.cause is cause and not one.returned for one in disconnections)
    ranks = {p: durations[ceil(p * len(durations) / 100) - 1] for p in PERCENTILES} if durations else {}
    return Percentiles(len(durations), never, ranks, durations[-1] if durations else None)


def simulate(
    disconnections: Iterable[Disconnection], grace: GraceSettings, causes: frozenset[Cause] = CLEAN | LOST
) -> Forecast:
    """Apply N = `grace` to the disconnections of `causes`.

    A disconnection of exactly N counts as lost, because the deadline is then reached. A draft is lost at most once,
    however often someone was away too long.
    """
    returned: set[UUID] = set()
    lost: set[UUID] = set()
    abandoned: dict[UUID, float] = {}
    for one in disconnections:
        n_ms = grace.milliseconds(one.cause)
        if one.cause not in causes:
            continue
        if not one.returned:
            abandoned[one.draft] = one.bytes / 1e9 * n_ms / 3_600_000
            continue
        returned.add(one.draft)
        if one.duration_ms >= n_ms:
            lost.add(one.draft)
    return Forecast(len(returned), len(lost), len(abandoned), round(sum(abandoned.values()), 3))
