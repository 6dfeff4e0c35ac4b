"""What the recorded gaps say about N, computed from plain numbers.

A *gap* is the time a draft was without a live socket. It ends by a return, or with the draft: a draft
that expired is cut off at the N it was given, and whether somebody would still have come is not known.
Such a draft counts as abandoned at every N and never as lost, so a forecast is exact for an N up to the
one in force when the gaps were recorded, and a lower bound beyond it. A gap before the first socket (cause
``request``) has a rule of its own and counts nowhere but in its own spread.
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


class Absence(Struct, frozen=True):
    """One gap of one draft."""

    draft: UUID
    cause: Cause
    gap_ms: int
    returned: bool = True
    bytes: int = 0
    """What the draft held in the store; known of one that expired."""


class Spread(Struct, frozen=True):
    """How long the gaps of one cause were that ended by a return, in milliseconds, and how many did not."""

    count: int
    never_returned: int
    percentiles: dict[int, int]
    """Nearest rank: p of a hundred gaps were at most this long. Empty without gaps."""
    max_ms: int | None


class Forecast(Struct, frozen=True):
    """What an N would have done to the drafts on record."""

    returned: int
    """Drafts that somebody came back to."""
    lost: int
    """Those of them that would have been gone by then."""
    abandoned: int
    """Drafts nobody came back to. Each is kept for N."""
    gigabyte_hours: float
    """What keeping them would have cost in the store."""


def spread(absences: Sequence[Absence], cause: Cause) -> Spread:
    """How long the gaps of `cause` were."""
    gaps = sorted(absence.gap_ms for absence in absences if absence.cause is cause and absence.returned)
    never = sum(absence.cause is cause and not absence.returned for absence in absences)
    ranks = {p: gaps[ceil(p * len(gaps) / 100) - 1] for p in PERCENTILES} if gaps else {}
    return Spread(len(gaps), never, ranks, gaps[-1] if gaps else None)


def foresee(absences: Iterable[Absence], grace: GraceSettings, causes: frozenset[Cause] = CLEAN | LOST) -> Forecast:
    """What N = `grace` would have done to the gaps of `causes`.

    A gap of exactly N counts as lost: the deadline is then reached. A draft is lost once, however often
    somebody was away too long.
    """
    returned: set[UUID] = set()
    lost: set[UUID] = set()
    abandoned: dict[UUID, float] = {}
    for absence in absences:
        n_ms = grace.milliseconds(absence.cause)
        if absence.cause not in causes:
            continue
        if not absence.returned:
            abandoned[absence.draft] = absence.bytes / 1e9 * n_ms / 3_600_000
            continue
        returned.add(absence.draft)
        if absence.gap_ms >= n_ms:
            lost.add(absence.draft)
    return Forecast(len(returned), len(lost), len(abandoned), round(sum(abandoned.values()), 3))
