"""How long N is, and what a deadline becomes when N changes: pure arithmetic over milliseconds of service time."""

from __future__ import annotations

from msgspec import Struct

from uploads.core.limits import MAX_GRACE_SECONDS
from uploads.core.service_time import Cause

FLOOR_MS = 60_000
"""What a draft in grace has left at least after an outage (or N, if shorter)."""

REQUEST_GRACE_MS = 180_000
"""What a plain HTTP request renews a draft's deadline to at least: a hidden tab asks about once a minute."""

POLLING_TIMEOUT_MS = 30_000
"""How long after its last request a tab without a socket counts as sending the files it took."""


class GraceSettings(Struct, frozen=True):
    """N in seconds, after a clean end and after any other. Raises `ValueError` outside 1 to `MAX_GRACE_SECONDS`."""

    seconds: int
    seconds_lost: int

    def __post_init__(self) -> None:
        for value in (self.seconds, self.seconds_lost):
            if not 1 <= value <= MAX_GRACE_SECONDS:
                raise ValueError(f"A grace is between 1 and {MAX_GRACE_SECONDS} seconds. Got: {value}.")

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


def apply_keep(deadline_ms: int, keep_until_ms: int | None) -> int:
    """The deadline of a draft that its owner asked to keep until `keep_until_ms`: never sooner than it was."""
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
    """The deadline of a draft in grace once N was changed from `before` to `after` at S = `s_ms`.

    It counts from where the grace began, or from the last HTTP request that renewed it (every draft of
    cause REQUEST, and any whose deadline lies beyond its N); a request is renewed in the new measure.
    Nothing expires sooner than 60 s after the change (or N, if shorter), and nothing that is kept until
    `keep_until_ms` before that.
    """
    n_ms = after.milliseconds(cause)
    deadline = max(since_ms + n_ms, s_ms + floor_ms(n_ms))
    # A deadline that is the kept one says nothing about the last request.
    renewed = deadline_ms if deadline_ms != keep_until_ms else since_ms + before.request_milliseconds()
    if cause is Cause.REQUEST or renewed > since_ms + before.milliseconds(cause):
        deadline = max(deadline, renewed - before.request_milliseconds() + after.request_milliseconds())
    return apply_keep(deadline, keep_until_ms)
