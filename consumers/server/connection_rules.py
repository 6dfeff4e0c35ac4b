"""What an HTTP connection may wait for and how long, and which one to close when there are too many."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from uploads.core.limits import RequestLimits


class Waiting(StrEnum):
    """What a connection waits for its client to do. While the application works it waits for nothing."""

    REQUEST = "request"
    HEADERS = "headers"
    BODY = "body"
    READING = "reading"
    CLOSING = "closing"


def seconds_for(waiting: Waiting, limits: RequestLimits) -> float:
    """Return how many seconds the client may take. A body has a moving deadline of its own (`body_rules`)."""
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
        """When the wait for its client began; None while the client waits for us."""


C = TypeVar("C", bound=Waits)


def to_close(connections: Iterable[C]) -> C | None:
    """Return the connection that has waited for its client the longest, or None if none is waiting.

    An honest request is short, so a client that holds a connection without using it goes first, whatever its trick.
    """
    waiting = [one for one in connections if one.waits_since is not None]
    return min(waiting, key=lambda one: one.waits_since or 0.0, default=None)
