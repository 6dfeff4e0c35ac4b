"""Retry rules of store jobs: the pause after a failure, when a job is given up, when a delete is repeated."""

from __future__ import annotations

BASE_MS = 500
CAP_MS = 300_000
"""Maximum pause before the next attempt."""

MAX_PUTS = 6
"""Attempts of a put before the user is asked; the bytes stay in the spool for a retry."""

MAX_ATTEMPTS = 100
"""Attempts of any other job before it is dead and waits for an operator: about four hours of outage."""

LATE_MS = 900_000
"""How long after its start an unanswered put may still land in the store."""


def pause_ms(attempts: int, luck: float) -> int:
    """Return the pause after failure number `attempts` (from 1): `luck`, from [0, 1), times a doubling bound.

    Full jitter, so that jobs that failed together are not retried together.
    """
    # 2 ** 20 is beyond the cap, and larger powers are wasteful.
    return int(luck * min(CAP_MS, BASE_MS * 2 ** min(attempts, 20)))
