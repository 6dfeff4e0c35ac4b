"""Starts and stops the hub under servers that speak the ASGI lifespan protocol (uvicorn, hypercorn).

Daphne does not: there `consumers.server.daphne` does the same.
"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

from consumers.runtime import hub


class Lifespan:
    """The ASGI lifespan application."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one lifespan: from the server's start to its end."""
        await receive()
        try:
            await hub.start()
        except DatabaseError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await hub.stop()
        await send({"type": "lifespan.shutdown.complete"})
