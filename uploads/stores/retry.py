"""How long a store job waits after a failure, when it is given up, and when a delete is asked for again."""

from __future__ import annotations

BASE_MS = 500
CAP_MS = 300_000
"""No job waits longer than this for its next try."""

MAX_PUTS = 6
"""Tries of a put before the user is asked; the bytes stay in the spool for a retry."""

MAX_ATTEMPTS = 100
"""Tries of any other job before it is dead and waits for an operator: about four hours of a store that is down."""

LATE_MS = 900_000
"""A put that was not answered may still land in the store for that long after it was begun."""


def pause_ms(attempts: int, luck: float) -> int:
    """The pause after the failure number `attempts` (from 1): the part `luck`, from [0, 1), of a bound that doubles.

    Full jitter: jobs that failed in one moment come back spread out, not in the same moment again.
    """
    # 2 ** 20 is beyond the cap; 2 ** 1000 would be a number nobody needs.
    return int(luck * min(CAP_MS, BASE_MS * 2 ** min(attempts, 20)))
