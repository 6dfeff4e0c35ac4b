"""What one server process holds: its connections, its heartbeat, and what tells its tabs of changes.

The project's ``asgi.py`` makes one `Runtime` and hands it to what serves the sockets. `consumers.server.lifespan`
starts and stops it.
"""

from __future__ import annotations

import time
from uuid import UUID

from consumers import dispatch
from consumers.broadcast.broadcaster import Broadcaster
from consumers.broadcast.connection_registry import Connection, ConnectionRegistry, refuse
from consumers.rate_limits import ADDS, COMMANDS, CONNECTS, OPENINGS, SYNCS, TYPING, KeyedLimiter, OpenSockets
from consumers.session_turns import SessionTurns
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.models import Draft
from uploads.presence import sockets
from uploads.runtime.heartbeat import Heart
from uploads.runtime.threads import database


class Runtime:
    """See the module."""

    def __init__(self) -> None:
        self.connections = ConnectionRegistry()
        self.broadcaster = Broadcaster(self.connections)
        self.connect_limiter = KeyedLimiter(CONNECTS)
        self.opening_limiter = KeyedLimiter(OPENINGS)
        self.message_limiter = KeyedLimiter(COMMANDS)
        self.sync_limiter = KeyedLimiter(SYNCS)
        self.typing_limiter = KeyedLimiter(TYPING)
        self.add_limiter = KeyedLimiter(ADDS)
        self.session_sockets = OpenSockets()
        self.command_turns = SessionTurns()
        self.heartbeat = Heart(
            on_lapsed=self._drop_connections, on_beacon=self._check_connections, on_look=self._look_while_in_doubt
        )
        self._draining = False

    def process_id(self) -> UUID:
        """This process's incarnation. Raises `Refusal` (``restarting``) unless it accepts sockets."""
        if self._draining or self.heartbeat.process_id is None:
            raise Refusal(Code.RESTARTING)
        return self.heartbeat.process_id

    async def start(self) -> None:
        """Begin to beat and to tell tabs what changes. Raises `DatabaseError` when there is no database."""
        self._draining = False
        # First: once the heartbeat has begun sockets are accepted, and none of them may miss a change.
        self.broadcaster.start()
        try:
            await self.heartbeat.start()
        except BaseException:
            self.broadcaster.stop()
            raise

    async def stop(self) -> None:
        """Tell every tab to reconnect, give the sockets back, and stop the heartbeat. May be called twice."""
        self._draining = True
        await refuse(self.connections, Code.RESTARTING)
        await self.heartbeat.stop()
        self.broadcaster.stop()

    async def _drop_connections(self) -> None:
        await refuse(self.connections, Code.LEASE_LOST)

    async def _check_connections(self) -> None:
        """Heal what a lost event left behind: one look at all drafts and all sessions of this process.

        The layer has no part in it: it may be what loses them.
        """
        await self._ask_permission(list(self.connections))
        connections = list(self.connections)
        if self.heartbeat.process_id is not None:
            held = {connection.socket_id for connection in connections if connection.socket_id is not None}
            await database.run(sockets.close_strays, self.heartbeat.process_id, held)
        await self._check_drafts()

    async def _look_while_in_doubt(self) -> None:
        """Show what other processes changed although the layer may have lost it: one query, and none otherwise."""
        if self.broadcaster.is_in_doubt():
            await self._check_drafts()

    async def _check_drafts(self) -> None:
        connections = list(self.connections)
        draft_ids = {connection.draft_id for connection in connections}
        if not draft_ids:
            return
        current = await database.run(_current_revisions, draft_ids)
        for draft_id in {one.draft_id for one in connections if current.get(one.draft_id, 0) > one.revision}:
            await self.broadcaster.show_here(draft_id)
        for draft_id in draft_ids - current.keys():
            await self.broadcaster.end_here(draft_id)

    async def _ask_permission(self, connections: list[Connection]) -> None:
        """End the connections whose user is signed out, inactive or lost the right to the draft; renew the others."""
        asked_at = time.monotonic()
        answers = await database.run(dispatch.verdicts, {(one.session_key, one.draft_id) for one in connections})
        for one in connections:
            # One whose authoriser failed has no answer, and goes on with the last one for as long as that counts.
            if answers.get((one.session_key, one.draft_id), Code.SERVER_ERROR) is None:
                one.permitted_at = max(one.permitted_at, asked_at)
        for code in {answer for answer in answers.values() if answer is not None}:
            await refuse([one for one in connections if answers.get((one.session_key, one.draft_id)) is code], code)


def _current_revisions(draft_ids: set[UUID]) -> dict[UUID, int]:
    live = Draft.objects.filter(pk__in=draft_ids, state__in=states.LIVE)
    return dict(live.values_list("pk", "revision"))
