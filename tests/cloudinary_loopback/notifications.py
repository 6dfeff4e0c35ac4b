"""What the service tells a `notification_url`: kept until a test sends it, as often, late and disordered as wanted."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from tests.cloudinary_loopback import signature

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Notification(Struct, frozen=True):
    """One message, signed when it was made (official reference: over body and time)."""

    url: str
    body: bytes
    timestamp: int
    signature: str

    def send(self) -> int:
        """Deliver it; returns the receiver's status. Raises `ValueError` for an address that is not loopback."""
        target = urlsplit(self.url)
        if target.hostname not in LOOPBACK:
            raise ValueError(f"not on loopback: {self.url}")
        connection = http.client.HTTPConnection(target.hostname or "", target.port or 80, timeout=10)
        headers = {"X-Cld-Timestamp": str(self.timestamp), "X-Cld-Signature": self.signature}
        try:
            connection.request("POST", target.path or "/", self.body, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        finally:
            connection.close()


class Outbox:
    """The messages of one cloud that were not sent yet."""

    def __init__(self) -> None:
        self.waiting: list[Notification] = []

    def add(self, url: str, kind: str, now: float, secret: str, told: dict[str, Any]) -> None:
        body = json.dumps({"notification_type": kind, "timestamp": int(now), **told}).encode()
        signed = signature.of_notification(body, int(now), secret)
        self.waiting.append(Notification(url, body, int(now), signed))

    def send(self, order: Sequence[int] | None = None) -> list[int]:
        """Send what waits, in the order of these positions; a position may come twice or not at all."""
        waiting, self.waiting = self.waiting, []
        return [waiting[position].send() for position in (range(len(waiting)) if order is None else order)]
