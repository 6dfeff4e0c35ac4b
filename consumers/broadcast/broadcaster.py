"""Telling the tabs: a change in the database becomes one snapshot for all of them.

Receives the signals of `uploads`, reads and serialises the draft once, and gives the text to the tabs
of this process and, through the channel layer, to those of the others: at most five times a second per
draft. The layer may lose any of it, or hang; a snapshot is whole, so the next one heals, and the check
that each process makes of its connections ensures that there is a next one.
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
"""The layer has that long to take an event: its sender may have chunks waiting behind it."""
LAYER_PAUSE_SECONDS = 5.0
"""A layer that failed is left alone that long."""
DOUBT_SECONDS = 30.0
"""How long after an interruption events may still be lost: others leave the layer alone for a while."""


class Broadcaster:
    """Tells the connections of this process and, through the layer, those of the others what changes."""

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
        """Send from the running loop, from now on, what any thread announces."""
        self._loop = asyncio.get_running_loop()
        for signal, receiver in self._receivers:
            signal.connect(receiver)

    def stop(self) -> None:
        """Send nothing more. May be called twice."""
        for signal, receiver in self._receivers:
            signal.disconnect(receiver)
        for task in self._publishing.values():
            task.cancel()
        self._publishing.clear()
        self._changed_again.clear()

    # --- Signals, from any thread

    def _changed(self, *, draft_id: UUID, **_: object) -> None:
        self._loop.call_soon_threadsafe(self.show_soon, draft_id)

    def _ended(self, *, draft_id: UUID, **_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._announce_end(draft_id), self._loop)

    def _polled(self, *, draft_id: UUID, event: Event, **_: object) -> None:
        sent = self.send_to_group(draft_group(draft_id), {**event, "sender": ""})
        asyncio.run_coroutine_threadsafe(sent, self._loop)

    def _signed_out(self, *, request: HttpRequest | None, **_: object) -> None:
        if key := getattr(getattr(request, "session", None), "session_key", None):
            asyncio.run_coroutine_threadsafe(self._end_session(sessions.session_group(key)), self._loop)

    # --- In the loop

    def show_soon(self, draft_id: UUID) -> None:
        """Show the draft to all its tabs; one that has seen it as it is ignores that."""
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
            # In the same step as the look above: a change in between would be lost.
            self._publishing.pop(draft_id, None)

    async def _publish(self, draft_id: UUID) -> None:
        try:
            event = await self.show_here(draft_id)
        except Exception:
            logger.exception("a snapshot could not be read; the next check of the connections reads it again")
            return
        if event is None:
            # It ended before a tab that came last was here to be told.
            await self.end_here(draft_id)
        else:
            await self.send_to_group(draft_group(draft_id), event)

    async def show_here(self, draft_id: UUID) -> Event | None:
        """Show the draft as it is now to the tabs of this process; return the event that does so, None when it ended.

        Raises `DatabaseError`.
        """
        event = await database.run(events.read_snapshot, draft_id)
        if event is not None:
            for connection in self._connections.of_draft(draft_id):
                await connection.draft_snapshot(event)
        return event

    async def _announce_end(self, draft_id: UUID) -> None:
        await self.send_to_group(draft_group(draft_id), await self.end_here(draft_id))

    async def end_here(self, draft_id: UUID) -> Event:
        """Tell the tabs of this process that the draft has ended; return the event that does so."""
        event = await database.run(events.ended, draft_id)
        # Together: one that does not read keeps none of the others waiting.
        await asyncio.gather(*(connection.draft_ended(event) for connection in self._connections.of_draft(draft_id)))
        return event

    async def _end_session(self, group: str) -> None:
        # Django deletes the session after this signal: a tab that reconnects at once would still find it.
        await asyncio.sleep(SIGN_OUT_SECONDS)
        await self.send_to_group(group, {"type": "session.ended"})

    async def send_to_group(self, group: str, event: Event) -> None:
        """Send through the layer. A layer that fails or hangs costs an event, never the command that caused it."""
        if time.monotonic() < self._layer_paused_until:
            return
        layer = get_channel_layer()
        assert layer is not None  # noqa: S101 - a project without a channel layer cannot start its consumers
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await layer.group_send(group, event)
        except Exception as error:  # noqa: BLE001 - whatever the layer raises is its own affair
            self._layer_paused_until = time.monotonic() + LAYER_PAUSE_SECONDS
            self._doubted_until = time.monotonic() + DOUBT_SECONDS
            logger.warning("the channel layer failed and is left alone for %d s: %r", LAYER_PAUSE_SECONDS, error)

    def is_in_doubt(self) -> bool:
        """Whether events of other processes may have been lost just now: the layer failed, or was interrupted."""
        subscriptions = getattr(get_channel_layer(), "subscriptions", None)
        is_whole, interruptions = subscriptions() if subscriptions else (True, 0)
        if not is_whole or interruptions != self._interruptions:
            self._interruptions = interruptions
            self._doubted_until = time.monotonic() + DOUBT_SECONDS
        return time.monotonic() < self._doubted_until
