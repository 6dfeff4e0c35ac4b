"""What an HTTP connection waits for, how long it may, and which of many makes room for a new one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from uploads.core.limits import RequestLimits


class Waiting(StrEnum):
    """What a client owes us. While the application works there is nothing."""

    REQUEST = "request"
    HEADERS = "headers"
    BODY = "body"
    READING = "reading"
    CLOSING = "closing"


def seconds_for(waiting: Waiting, limits: RequestLimits) -> float:
    """How long the client may take. A body has its own, moving deadline (`body_rules`)."""
    match waiting:
        case Waiting.REQUEST:
            return limits.idle_seconds
        case Waiting.HEADERS:
            return limits.header_seconds
        case Waiting.READING | Waiting.CLOSING:
            return limits.unread_seconds
        case Waiting.BODY:
            return float("inf")


class Waits(Protocol):
    """A connection as the rules see it."""

    @property
    def waits_since(self) -> float | None:
        """Since when it has waited for its client; None while its client waits for us."""


C = TypeVar("C", bound=Waits)


def to_close(connections: Iterable[C]) -> C | None:
    """Return the connection that has waited for its client the longest, or None when no client is waited for.

    An honest request is short: who holds a connection without using it is the first to go, whatever the trick.
    """
    waiting = [one for one in connections if one.waits_since is not None]
    return min(waiting, key=lambda one: one.waits_since or 0.0, default=None)
