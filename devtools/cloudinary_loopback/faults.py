"""Planned faults between client and service, and the record of each call."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """A kind of fault."""

    DELAY = "delay"  # it takes effect `seconds` late, even if the client has gone by then
    BUDGET = "420"  # the hour's calls are used up
    TOO_MANY = "429"
    PROCESSING = "423"
    ERROR = "500"
    BAD_GATEWAY = "502"  # HTML, from a proxy that does not know JSON
    UNAVAILABLE = "503"
    CUT_BEFORE = "cut before"  # no response, no effect
    CUT_AFTER = "cut after"  # no response, but it took effect: a lost response
    DONE_BUT_500 = "done but 500"
    TRUNCATED = "truncated"  # a complete response whose JSON is cut off
    GARBAGE = "garbage"
    HALF_BODY = "half body"  # the connection ends in the middle of the response
    DRIP = "drip"  # one byte at a time, over `seconds` in total
    HANG = "hang"  # no response until the client disconnects or `seconds` are over


HAPPENS = {Kind.CUT_AFTER, Kind.DONE_BUT_500, Kind.TRUNCATED, Kind.GARBAGE, Kind.HALF_BODY, Kind.DRIP, Kind.DELAY}
"""The kinds in which the call takes effect, unless `Fault.effect` says otherwise."""

STATUS = {
    Kind.BUDGET: (420, "Rate Limit Exceeded"),
    Kind.TOO_MANY: (429, "Too many requests"),
    Kind.PROCESSING: (423, "Resource is still being processed"),
    Kind.ERROR: (500, "General Error"),
    Kind.DONE_BUT_500: (500, "General Error"),
    Kind.BAD_GATEWAY: (502, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    Kind.UNAVAILABLE: (503, "Service Unavailable"),
}


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """The next `times` calls of `endpoint` fail in this way, after the first `after` succeeded."""

    endpoint: str
    kind: Kind
    times: int = 1
    after: int = 0
    seconds: float = 0
    effect: bool | None = None
    retry_after: int | None = None
    """Seconds for the header `Retry-After`; it is not known whether the service sends it with 420 or 429."""

    @property
    def happens(self) -> bool:
        """Whether the call takes effect."""
        return self.kind in HAPPENS if self.effect is None else self.effect

    def takes(self, endpoint: str) -> bool:
        """Return whether it applies to this call, and count the call."""
        if self.times <= 0 or self.endpoint != endpoint:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


class Event(Struct):
    """One call."""

    endpoint: str
    path: str
    status: int | None = None
    """None: no response was sent."""
    fault: str = ""
    public_id: str = ""
    parameters: dict[str, str] = {}
    """Everything sent except key and signature."""
    ignored: list[str] = []
    """Parameters without effect: unknown to the service, or not emulated here."""
    message: str = ""
    """Why it was refused."""
