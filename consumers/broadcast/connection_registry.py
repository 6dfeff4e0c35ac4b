"""The open sockets of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Protocol
from uuid import UUID

from uploads.core.errors import Code, Refusal


class Connection(Protocol):
    """A socket of a tab. It ignores a snapshot or an end that it has already."""

    draft_id: UUID
    session_key: str
    socket_id: UUID | None
    revision: int
    permitted_at: float
    """When (`time.monotonic`) the authoriser was asked last, and said yes."""

    async def draft_snapshot(self, event: dict[str, Any]) -> None:
        """Show a snapshot."""

    async def draft_ended(self, event: dict[str, Any]) -> None:
        """Say that the draft ended, and close."""

    async def refuse(self, refusal: Refusal) -> None:
        """Say why, and close."""


class ConnectionRegistry:
    """The sockets to which an event of this process goes without the channel layer."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over a copy: connections come and go while others are told."""
        return iter(list(self._connections))

    def add(self, connection: Connection) -> None:
        """Tell `connection` what happens from now on."""
        self._connections.add(connection)

    def discard(self, connection: Connection) -> None:
        """Tell `connection` nothing more. May be called twice."""
        self._connections.discard(connection)

    def of_draft(self, draft_id: UUID) -> list[Connection]:
        """Return the connections of a draft."""
        return [connection for connection in self._connections if connection.draft_id == draft_id]


async def refuse(connections: Iterable[Connection], code: Code) -> None:
    """Close all of `connections` with `code`; one that cannot be told keeps no other from it."""
    await asyncio.gather(*(connection.refuse(Refusal(code)) for connection in connections), return_exceptions=True)
