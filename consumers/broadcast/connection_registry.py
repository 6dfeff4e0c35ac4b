"""The registry of this process's open sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Protocol
from uuid import UUID

from uploads.core.errors import Code, Refusal


class Connection(Protocol):
    """A socket of a tab. It ignores a snapshot or an end that it has already received."""

    draft_id: UUID
    session_key: str
    socket_id: UUID | None
    revision: int
    permitted_at: float
    """When (`time.monotonic`) the authoriser last granted access."""

    async def draft_snapshot(self, event: dict[str, Any]) -> None:
        """Send a snapshot."""

    async def draft_ended(self, event: dict[str, Any]) -> None:
        """Send the end of the draft, and close."""

    async def refuse(self, refusal: Refusal) -> None:
        """Send the refusal, and close."""


class ConnectionRegistry:
    """The sockets of this process, which receive its events without the channel layer."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over a copy, because connections come and go during the iteration."""
        return iter(list(self._connections))

    def add(self, connection: Connection) -> None:
        """Start sending events to `connection`."""
        self._connections.add(connection)

    def discard(self, connection: Connection) -> None:
        """Stop sending events to `connection`. Idempotent."""
        self._connections.discard(connection)

    def of_draft(self, draft_id: UUID) -> list[Connection]:
        """Return the connections of a draft."""
        return [connection for connection in self._connections if connection.draft_id == draft_id]


async def refuse(connections: Iterable[Connection], code: Code) -> None:
    """Close all of `connections` with `code`; a failure of one does not affect the others."""
    await asyncio.gather(*(connection.refuse(Refusal(code)) for connection in connections), return_exceptions=True)
