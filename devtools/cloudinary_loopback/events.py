"""What was asked of a cloud, in order, and whether it happened."""

from __future__ import annotations

import threading

from msgspec import Struct


class Event(Struct, kw_only=True):
    """One request. `effect` is whether the cloud did it, whatever the client was told of it."""

    number: int
    at: float
    endpoint: str
    method: str
    path: str
    public_id: str = ""
    to_public_id: str = ""
    status: int | None = None
    """None: no answer was sent."""
    effect: bool = False
    fault: str = ""
    parameters: dict[str, str] = {}
    """What was sent, without key and signature, each value cut to 200 characters."""
    ignored: list[str] = []
    """Parameters that had no effect: unknown to the service, or not emulated here."""
    request_id: str = ""
    message: str = ""
    """What was wrong, when something was."""


class Log:
    """The events of one cloud; the oldest are forgotten."""

    def __init__(self, most: int = 20_000) -> None:
        self._events: list[Event] = []
        self._most = most
        self._number = 0
        self._lock = threading.Lock()

    def begin(self, **known: object) -> Event:
        with self._lock:
            self._number += 1
            event = Event(number=self._number, **known)  # type: ignore[arg-type]
            self._events.append(event)
            del self._events[: -self._most]
        return event

    def of(self, *endpoints: str) -> list[Event]:
        """The events, of these endpoints or of all."""
        return [event for event in list(self._events) if not endpoints or event.endpoint in endpoints]

    def clear(self) -> None:
        self._events.clear()
