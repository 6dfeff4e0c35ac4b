"""Fixtures of tests of the HTTP side: requests without a server, sessions without a database, a clock that jumps."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any

import pytest

from consumers.security import sessions
from consumers.server.body_limit import BodyLimit

ALIVE = [(b"cookie", b"sessionid=alive")]
"""The key of the session that `asked` knows."""


class AsgiRequest:
    """Send one request to `limit` as a server would: `parts` of a body, then its end, or a client that stalls."""

    def __init__(
        self, parts: Iterable[bytes], headers: list[tuple[bytes, bytes]] | None = None, path: str = "/"
    ) -> None:
        self.scope = {"type": "http", "path": path, "headers": headers or []}
        self.sent: list[Any] = []
        self.taken = 0
        self._parts = iter(parts)

    async def receive(self) -> Any:
        await asyncio.sleep(0)
        part = next(self._parts, b"")
        self.taken += len(part)
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    async def send(self, event: Any) -> None:
        self.sent.append(event)

    async def through(self, limit: BodyLimit) -> Any:
        """Return the status, and the code if it is an error."""
        await limit(self.scope, self.receive, self.send)
        body = b"".join(event.get("body", b"") for event in self.sent)
        return self.sent[0]["status"], json.loads(body)["error"]["code"] if body else ""


class User:
    pk = 7


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The session keys looked up in the database, where only the session `alive` has a user."""
    keys: list[str] = []

    def session_user(key: str) -> User | None:
        keys.append(key)
        return User() if key == "alive" else None

    monkeypatch.setattr(sessions, "session_user", session_user)
    return keys


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._later = 0.0
        real = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: real() + self._later)

    def wait(self, seconds: float) -> None:
        self._later += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
