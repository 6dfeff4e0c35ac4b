"""N, and how deadlines follow its changes: pure arithmetic over milliseconds of service time."""

from __future__ import annotations

from msgspec import Struct

from uploads.core.limits import MAX_GRACE_SECONDS
from uploads.core.service_time import Cause

FLOOR_MS = 60_000
"""Minimum time a draft in grace has left after an outage (or N, if shorter)."""

REQUEST_GRACE_MS = 180_000
"""Minimum time that an HTTP request extends a deadline to: a hidden tab polls about once a minute."""

POLLING_TIMEOUT_MS = 30_000
"""How long after its last request a polling session counts as active and keeps its transfers."""


class GraceSettings(Struct, frozen=True):
    """N in seconds, after a clean end and after any other. Raises `ValueError` outside 1 to `MAX_GRACE_SECONDS`."""

    seconds: int
    seconds_lost: int

    def __post_init__(self) -> None:
        for value in (self.seconds, self.seconds_lost):
            if not 1 <= value <= MAX_GRACE_SECONDS:
                raise ValueError(f"A grace is between 1 and {MAX_GRACE_SECONDS} seconds. Got: {value}.")

    def milliseconds(self, cause: Cause) -> int:
        """Return N for `cause`, in milliseconds."""
        clean = cause in (Cause.CLEAN, Cause.REQUEST)
        return (self.seconds if clean else self.seconds_lost) * 1000

    def request_milliseconds(self) -> int:
        """Return what a request of a polling session grants its draft: max(N, 180 s), in milliseconds."""
        return max(self.milliseconds(Cause.REQUEST), REQUEST_GRACE_MS)


def floor_ms(n_ms: int) -> int:
    """Return the re-arrival floor for a draft whose N is `n_ms`."""
    return min(n_ms, FLOOR_MS)


def apply_keep(deadline_ms: int, keep_until_ms: int | None) -> int:
    """Return the deadline of a draft that its owner keeps until `keep_until_ms`; never earlier than `deadline_ms`."""
    return deadline_ms if keep_until_ms is None else max(deadline_ms, keep_until_ms)


def recompute_deadline(
    deadline_ms: int,
    since_ms: int,
    cause: Cause,
    before: GraceSettings,
    after: GraceSettings,
    s_ms: int,
    keep_until_ms: int | None = None,
) -> int:
    """Return the deadline of a draft in grace after N changed from `before` to `after` at S = `s_ms`.

    It counts from the start of grace, or from the last HTTP request that extended it (every draft of cause REQUEST, and
    any whose deadline is beyond its N); such an extension is recomputed with the new N. No draft expires within 60 s
    of the change (or N, if shorter), nor before `keep_until_ms`.
    """
    n_ms = after.milliseconds(cause)
    deadline = max(since_ms + n_ms, s_ms + floor_ms(n_ms))
    # A deadline equal to the kept one says nothing about the last request.
    renewed = deadline_ms if deadline_ms != keep_until_ms else since_ms + before.request_milliseconds()
    if cause is Cause.REQUEST or renewed > since_ms + before.milliseconds(cause):
        deadline = max(deadline, renewed - before.request_milliseconds() + after.request_milliseconds())
    return apply_keep(deadline, keep_until_ms)
