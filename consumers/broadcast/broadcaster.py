"""Broadcast each change of a draft as one snapshot to all of its tabs.

Receives the signals of `uploads`, reads and serialises the draft once, and sends the text to the tabs of this process
and, through the channel layer, to those of other processes, at most five times a second per draft. The layer may lose
messages or hang. A snapshot is complete, so the next one repairs a loss, and the regular session check of each process
ensures that there is a next one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from uuid import UUID

from channels.layers import get_channel_layer
from django.contrib.auth.signals import user_logged_out
from django.dispatch import Signal
from django.http import HttpRequest

from consumers.broadcast import events
from consumers.broadcast.connection_registry import ConnectionRegistry
from consumers.broadcast.events import Event, draft_group
from consumers.security import sessions
from uploads import signals
from uploads.runtime.threads import database

logger = logging.getLogger("uploads.broadcast")

SNAPSHOT_INTERVAL = 0.2
"""Seconds between two snapshots of one draft."""

SIGN_OUT_SECONDS = 0.5
LAYER_SECONDS = 2.0
"""Deadline for sending an event through the layer, because its sender may have chunks waiting."""
LAYER_PAUSE_SECONDS = 5.0
"""Pause after a failure of the layer."""
DOUBT_SECONDS = 30.0
"""How long after an interruption events may still be lost, because other processes pause their layer too."""


class Broadcaster:
    """Sends changes to the connections of this process and, through the layer, to those of others."""

    def __init__(self, connections: ConnectionRegistry) -> None:
        self._connections = connections
        self._publishing: dict[UUID, asyncio.Task[None]] = {}
        self._changed_again: set[UUID] = set()
        self._layer_paused_until = 0.0
        self._doubted_until = 0.0
        self._interruptions = 0
        self._receivers: tuple[tuple[Signal, Callable[..., None]], ...] = (
            (signals.draft_changed, self._changed),
            (signals.draft_ended, self._ended),
            (events.from_polling, self._polled),
            (user_logged_out, self._signed_out),
        )

    def start(self) -> None:
        """Start sending, from the running event loop, what any thread announces."""
        self._loop = asyncio.get_running_loop()
        for signal, receiver in self._receivers:
            signal.connect(receiver)

    def stop(self) -> None:
        """Stop sending. Idempotent."""
        for signal, receiver in self._receivers:
            signal.disconnect(receiver)
        for task in self._publishing.values():
            task.cancel()
        self._publishing.clear()
        self._changed_again.clear()

    # --- Signals, from any thread

    def _changed(self, *, draft_id: UUID, **_: object) -> None:
        self._loop.call_soon_threadsafe(self.publish_soon, draft_id)

    def _ended(self, *, draft_id: UUID, **_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._announce_end(draft_id), self._loop)

    def _polled(self, *, draft_id: UUID, event: Event, **_: object) -> None:
        sent = self.send_to_group(draft_group(draft_id), {**event, "sender": ""})
        asyncio.run_coroutine_threadsafe(sent, self._loop)

    def _signed_out(self, *, request: HttpRequest | None, **_: object) -> None:
        if key := getattr(getattr(request, "session", None), "session_key", None):
            asyncio.run_coroutine_threadsafe(self._end_session(sessions.session_group(key)), self._loop)

    # --- In the loop

    def publish_soon(self, draft_id: UUID) -> None:
        """Send the draft to all its tabs; a tab that has this revision ignores it."""
        if draft_id in self._publishing:
            self._changed_again.add(draft_id)
            return
        self._publishing[draft_id] = asyncio.ensure_future(self._publish_until_quiet(draft_id))

    async def _publish_until_quiet(self, draft_id: UUID) -> None:
        try:
            while True:
                self._changed_again.discard(draft_id)
                await self._publish(draft_id)
                await asyncio.sleep(SNAPSHOT_INTERVAL)
                if draft_id not in self._changed_again:
                    return
        finally:
            # Without an await after the check above, or a change in between would be lost.
            self._publishing.pop(draft_id, None)

    async def _publish(self, draft_id: UUID) -> None:
        try:
            event = await self.publish_locally(draft_id)
        except Exception:
            logger.exception("a snapshot could not be read; the next session check reads it again")
            return
        if event is None:
            # It ended before the latest tab had connected.
            await self.end_locally(draft_id)
        else:
            await self.send_to_group(draft_group(draft_id), event)

    async def publish_locally(self, draft_id: UUID) -> Event | None:
        """Send the current draft to the tabs of this process; return the event, or None if the draft has ended.

        Raises `DatabaseError`.
        """
        event = await database.run(events.read_snapshot, draft_id)
        if event is not None:
            for connection in self._connections.of_draft(draft_id):
                await connection.draft_snapshot(event)
        return event

    async def _announce_end(self, draft_id: UUID) -> None:
        await self.send_to_group(draft_group(draft_id), await self.end_locally(draft_id))

    async def end_locally(self, draft_id: UUID) -> Event:
        """Tell the tabs of this process that the draft has ended; return the event."""
        event = await database.run(events.ended, draft_id)
        # Concurrently, so that a tab that does not read delays no other.
        await asyncio.gather(*(connection.draft_ended(event) for connection in self._connections.of_draft(draft_id)))
        return event

    async def _end_session(self, group: str) -> None:
        # Django deletes the session after this signal, so a tab that reconnects at once would still find it.
        await asyncio.sleep(SIGN_OUT_SECONDS)
        await self.send_to_group(group, {"type": "session.ended"})

    async def send_to_group(self, group: str, event: Event) -> None:
        """Send through the layer. A failing or hanging layer costs an event, never the command that caused it."""
        if time.monotonic() < self._layer_paused_until:
            return
        layer = get_channel_layer()
        assert layer is not None  # noqa: S101 - a project without a channel layer cannot start its consumers
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await layer.group_send(group, event)
        except Exception as error:  # noqa: BLE001 - a layer may raise anything
            self._layer_paused_until = time.monotonic() + LAYER_PAUSE_SECONDS
            self._doubted_until = time.monotonic() + DOUBT_SECONDS
            logger.warning("the channel layer failed and is left alone for %d s: %r", LAYER_PAUSE_SECONDS, error)

    def may_have_missed_events(self) -> bool:
        """Whether events of other processes may have been lost recently: the layer failed or was interrupted."""
        subscriptions = getattr(get_channel_layer(), "subscriptions", None)
        is_whole, interruptions = subscriptions() if subscriptions else (True, 0)
        if not is_whole or interruptions != self._interruptions:
            self._interruptions = interruptions
            self._doubted_until = time.monotonic() + DOUBT_SECONDS
        return time.monotonic() < self._doubted_until
