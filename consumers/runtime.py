"""The sockets of this process, its heart, and what is done to all of them at once.

One `hub` per server process. It is started by whatever serves the application (`consumers.server.daphne`,
or the ASGI lifespan elsewhere) and stopped by the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from consumers.broadcast import broadcaster
from consumers.security import sessions
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.models import Draft
from uploads.presence import sockets
from uploads.runtime.heartbeat import Heart
from uploads.runtime.threads import database


class Tab(broadcaster.Tab, Protocol):
    """What the hub needs of a connected socket."""

    session_key: str
    socket_id: UUID | None
    revision: int

    async def refuse(self, refusal: Refusal) -> None:
        """Say why, and close."""


class Hub:
    """See the module."""

    def __init__(self) -> None:
        self.tabs: set[Tab] = set()
        self.draining = False
        self.heart = Heart(on_lapsed=self._lease_lost, on_beacon=self._beacon)

    def process_id(self) -> UUID:
        """This process's incarnation. Raises `Refusal` (``restarting``) unless it accepts sockets."""
        if self.draining or self.heart.process_id is None:
            raise Refusal(Code.RESTARTING)
        return self.heart.process_id

    async def start(self) -> None:
        """Begin to beat and to tell tabs what changes. Raises `DatabaseError` when there is no database."""
        self.draining = False
        broadcaster.start(asyncio.get_running_loop(), self.tabs)
        await self.heart.start()

    async def stop(self) -> None:
        """Tell every tab to reconnect, give the sockets back, and stop the heart. May be called twice."""
        self.draining = True
        await self._refuse(self.tabs, Code.RESTARTING)
        await self.heart.stop()
        broadcaster.stop()

    async def _lease_lost(self) -> None:
        await self._refuse(self.tabs, Code.LEASE_LOST)

    async def _refuse(self, tabs: Iterable[Tab], code: Code) -> None:
        await asyncio.gather(*(tab.refuse(Refusal(code)) for tab in list(tabs)), return_exceptions=True)

    async def _beacon(self) -> None:
        """Heal what a lost event left behind: one look at all drafts and all sessions of this process.

        The layer has no part in it: it may be what loses them.
        """
        tabs = list(self.tabs)
        if self.heart.process_id is not None:
            held = {tab.socket_id for tab in tabs if tab.socket_id is not None}
            await database.run(sockets.close_strays, self.heart.process_id, held)
        known = await database.run(_current_revisions, {tab.draft_id for tab in tabs})
        for draft_id in {tab.draft_id for tab in tabs if known.get(tab.draft_id, 0) > tab.revision}:
            await broadcaster.show_here(draft_id)
        for draft_id in {tab.draft_id for tab in tabs} - known.keys():
            await broadcaster.end_here(draft_id)
        valid = await database.run(sessions.valid_sessions, {tab.session_key for tab in tabs})
        await self._refuse([tab for tab in tabs if tab.session_key not in valid], Code.SIGNED_OUT)


def _current_revisions(draft_ids: set[UUID]) -> dict[UUID, int]:
    live = Draft.objects.filter(pk__in=draft_ids, state__in=states.LIVE)
    return dict(live.values_list("pk", "revision"))


hub = Hub()
