"""What can go wrong between a client and the service, told in advance."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct


class Kind(StrEnum):
    """One way of going wrong."""

    DELAY = "delay"  # it happens `seconds` late, also when the client has gone by then
    BUDGET = "420"  # the hour's calls are used up; with rate headers
    TOO_MANY = "429"
    PROCESSING = "423"
    ERROR = "500"
    BAD_GATEWAY = "502"  # HTML, of a proxy that knows nothing of JSON
    UNAVAILABLE = "503"
    CUT_BEFORE = "cut before"  # no answer, nothing happened
    CUT_AFTER = "cut after"  # no answer, it happened: a lost reply
    DONE_BUT_500 = "done but 500"
    TRUNCATED = "truncated"  # a whole answer whose JSON ends early
    GARBAGE = "garbage"
    HALF_BODY = "half body"  # the connection ends in the middle of the answer
    DRIP = "drip"  # one byte at a time, all of it over `seconds`
    HANG = "hang"  # no answer until the client goes or `seconds` are over


AFTER = frozenset(
    {Kind.CUT_AFTER, Kind.DONE_BUT_500, Kind.TRUNCATED, Kind.GARBAGE, Kind.HALF_BODY, Kind.DRIP, Kind.DELAY}
)
"""The kinds in which it has happened, unless `Fault.effect` says otherwise."""

STATUS = {
    Kind.BUDGET: (420, "Rate Limit Exceeded. Limit of {limit} api operations reached. Try again on {reset} UTC"),
    Kind.TOO_MANY: (429, "Too many requests"),
    Kind.PROCESSING: (423, "Resource is still being processed"),
    Kind.ERROR: (500, "General Error"),
    Kind.DONE_BUT_500: (500, "General Error"),
    Kind.BAD_GATEWAY: (502, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    Kind.UNAVAILABLE: (503, "Service Unavailable"),
}


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """The next `times` requests to `endpoint` (empty: to any) whose parameters hold `match` go wrong in this way.

    `match` compares whole values; one that ends with ``*`` compares the beginning.
    """

    endpoint: str = ""
    kind: Kind
    times: int = 1
    after: int = 0
    """How many matching requests go well first."""
    match: dict[str, str] = {}
    seconds: float = 0
    effect: bool | None = None
    retry_after: int | None = None
    """Seconds for the header `Retry-After`; whether the service sends it with 420 or 429 is not established."""

    @property
    def happens(self) -> bool:
        """Whether the cloud does what was asked."""
        return self.kind in AFTER if self.effect is None else self.effect

    def takes(self, endpoint: str, parameters: dict[str, Any]) -> bool:
        """Whether it is for this request; counts it."""
        if self.times <= 0 or self.endpoint not in ("", endpoint):
            return False
        if not all(_fits(parameters.get(name), wanted) for name, wanted in self.match.items()):
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


def _fits(value: Any, wanted: str) -> bool:
    if not isinstance(value, str):
        return False
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted
