"""The runtime of one server process: its connections, its heartbeat and its broadcaster.

The project's ``asgi.py`` creates one `Runtime` and passes it to the consumers. `consumers.server.lifespan` starts and
stops it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

from consumers import dispatch
from consumers.broadcast.broadcaster import Broadcaster
from consumers.broadcast.connection_registry import Connection, ConnectionRegistry, refuse
from consumers.rate_limits import COMMANDS, CONNECTS, OPENINGS, SYNCS, TYPING, OpenSockets
from consumers.session_lookups import SessionLookups
from consumers.turns import COMMANDS_AT_A_TIME, CONNECTS_AT_A_TIME, CONNECTS_OF_A_DRAFT, Turns
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.token_bucket import KeyedLimiter
from uploads.models import Draft
from uploads.presence import sockets
from uploads.runtime.heartbeat import HeartbeatSupervisor
from uploads.runtime.threads import database

TURN_SECONDS = 0.1
"""How often a socket that waits for a token tries again."""


async def wait_for_token(limiter: KeyedLimiter, key: str, has_ended: Callable[[], bool] = lambda: False) -> None:
    """Take a token of `key` as soon as there is one. Raises `Refusal` (``too_fast``) if the client has ended first."""
    while True:
        if has_ended():
            raise Refusal(Code.TOO_FAST)
        if limiter.take(key, time.monotonic()):
            return
        await asyncio.sleep(TURN_SECONDS)


class Runtime:
    """Connections, limiters, broadcaster and heartbeat of one server process."""

    def __init__(self) -> None:
        self.connections = ConnectionRegistry()
        self.broadcaster = Broadcaster(self.connections)
        self.connect_limiter = KeyedLimiter(CONNECTS)
        self.opening_limiter = KeyedLimiter(OPENINGS)
        self.message_limiter = KeyedLimiter(COMMANDS)
        self.sync_limiter = KeyedLimiter(SYNCS)
        self.typing_limiter = KeyedLimiter(TYPING)
        self.session_sockets = OpenSockets()
        self.command_turns = Turns(COMMANDS_AT_A_TIME)
        self.draft_turns = Turns(CONNECTS_OF_A_DRAFT)
        self.connect_turn = asyncio.Semaphore(CONNECTS_AT_A_TIME)
        self.session_lookups = SessionLookups()
        self.heartbeat = HeartbeatSupervisor(
            on_lapsed=self._drop_connections,
            on_session_check=self._check_connections,
            on_revision_check=self._check_revisions_while_in_doubt,
        )
        self._draining = False

    def process_id(self) -> UUID:
        """Return this process's incarnation. Raises `Refusal` (``restarting``) unless it accepts sockets."""
        if self._draining or self.heartbeat.process_id is None:
            raise Refusal(Code.RESTARTING)
        return self.heartbeat.process_id

    async def start(self) -> None:
        """Start the heartbeat and the broadcasts. Raises `DatabaseError` without a database."""
        self._draining = False
        # First, because sockets are accepted once the heartbeat has started, and none may miss a change.
        self.broadcaster.start()
        try:
            await self.heartbeat.start()
        except BaseException:
            self.broadcaster.stop()
            raise

    async def stop(self) -> None:
        """Tell every tab to reconnect, close the sockets and stop the heartbeat. Idempotent."""
        self._draining = True
        await refuse(self.connections, Code.RESTARTING)
        await self.heartbeat.stop()
        self.broadcaster.stop()

    async def _drop_connections(self) -> None:
        await refuse(self.connections, Code.LEASE_LOST)

    async def _check_connections(self) -> None:
        """Check the sessions, socket rows and drafts of all connections, to recover from lost events.

        Independent of the layer, which may be what loses them.
        """
        await self._ask_permission(list(self.connections))
        connections = list(self.connections)
        if self.heartbeat.process_id is not None:
            held = {connection.socket_id for connection in connections if connection.socket_id is not None}
            await database.run(sockets.close_strays, self.heartbeat.process_id, held)
        await self._check_drafts()

    async def _check_revisions_while_in_doubt(self) -> None:
        """Check the drafts, with one query, while the layer may have lost events of other processes."""
        if self.broadcaster.may_have_missed_events():
            await self._check_drafts()

    async def _check_drafts(self) -> None:
        connections = list(self.connections)
        draft_ids = {connection.draft_id for connection in connections}
        if not draft_ids:
            return
        current = await database.run(_current_revisions, draft_ids)
        for draft_id in {one.draft_id for one in connections if current.get(one.draft_id, 0) > one.revision}:
            await self.broadcaster.publish_locally(draft_id)
        for draft_id in draft_ids - current.keys():
            await self.broadcaster.end_locally(draft_id)

    async def _ask_permission(self, connections: list[Connection]) -> None:
        """Close connections whose user is signed out, inactive or no longer permitted; renew the others."""
        asked_at = time.monotonic()
        answers = await database.run(dispatch.refusal_codes, {(one.session_key, one.draft_id) for one in connections})
        for one in connections:
            # Without an answer, because the authoriser failed, the last one holds for as long as it is valid.
            if answers.get((one.session_key, one.draft_id), Code.SERVER_ERROR) is None:
                one.permitted_at = max(one.permitted_at, asked_at)
        for code in {answer for answer in answers.values() if answer is not None}:
            await refuse([one for one in connections if answers.get((one.session_key, one.draft_id)) is code], code)


def _current_revisions(draft_ids: set[UUID]) -> dict[UUID, int]:
    live = Draft.objects.filter(pk__in=draft_ids, state__in=states.LIVE)
    return dict(live.values_list("pk", "revision"))
