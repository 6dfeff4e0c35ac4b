"""The ASGI lifespan protocol, which starts and stops a process's runtime: both sides of it.

Uvicorn and Hypercorn implement the server's side; Daphne does not.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError

if TYPE_CHECKING:
    # It imports models, and a server is created before Django's apps are ready.
    from consumers.runtime import Runtime


logger = logging.getLogger("uploads.server")


class Lifespan:
    """The ASGI lifespan application of a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one lifespan, from the server's start to its shutdown."""
        await receive()
        try:
            await self._runtime.start()
        except DatabaseError as error:
            logger.exception("the process could not start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._runtime.stop()
        await send({"type": "lifespan.shutdown.complete"})


class LifespanServer:
    """The server's side of the protocol, for a server without one."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def startup(self) -> None:
        """Start the application. Raises `RuntimeError` if it reports a failure, or what the application raises."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        self._serving = asyncio.ensure_future(self._application(scope, self._events.get, self._replies.put))
        await self._request("lifespan.startup")

    async def shutdown(self) -> None:
        """Stop the application. Raises as `startup` does."""
        await self._request("lifespan.shutdown")

    async def _request(self, event: str) -> None:
        self._events.put_nowait({"type": event})
        answering = asyncio.ensure_future(self._replies.get())
        await asyncio.wait({answering, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            answering.cancel()
            self._serving.result()
            raise RuntimeError(f"the application ended without an answer to {event}")
        answer = answering.result()
        if answer["type"] != f"{event}.complete":
            raise RuntimeError(answer.get("message") or answer["type"])
