"""Retry rules of store jobs: the pause after a failure, when a job is given up, when a delete is repeated."""

from __future__ import annotations

BASE_MS = 500
CAP_MS = 300_000
"""Maximum pause before the next attempt."""

MAX_PUTS = 8
"""Attempts of a put before the user is asked: an outage of at least a minute, at most two. The bytes stay in the spool
for a retry."""

MAX_ATTEMPTS = 100
"""Attempts of any other job before it is dead and waits for an operator: about four hours of outage."""

LATE_MS = 900_000
"""How long after its start an unanswered put may still land in the store."""


def pause_ms(attempts: int, luck: float) -> int:
    """Return the pause after failure number `attempts` (from 1): half of a doubling bound, and `luck` of the rest.

    `luck`, from [0, 1), is jitter, so that jobs that failed together are not retried together. The sure half makes a
    number of attempts last, so that a short outage does not use them up.
    """
    # 2 ** 20 is beyond the cap, and larger powers are wasteful.
    return int((1 + luck) / 2 * min(CAP_MS, BASE_MS * 2 ** min(attempts, 20)))
