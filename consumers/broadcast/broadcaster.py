"""Telling the tabs: a change in the database becomes one snapshot for all of them.

Receives the signals of `uploads`, reads and serialises the draft once, and gives the text to the tabs
of this process and, through the channel layer, to those of the others: at most five times a second per
draft. The layer may lose any of it, or hang; a snapshot is whole, so the next one heals, and the beacon
of each process makes sure that there is a next one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Any, Protocol
from uuid import UUID

from channels.layers import get_channel_layer
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from consumers.protocol import messages
from consumers.security import sessions
from uploads import signals, snapshot
from uploads.models import Draft
from uploads.runtime.threads import database

logger = logging.getLogger("uploads.broadcast")

SNAPSHOT_INTERVAL = 0.2
"""Seconds between two snapshots of one draft."""

SIGN_OUT_SECONDS = 0.5
LAYER_SECONDS = 2.0
"""The layer has that long to take an event: who sends one may have chunks waiting behind it."""
LAYER_PAUSE_SECONDS = 5.0
"""A layer that failed is left alone that long."""


class Tab(Protocol):
    """What is told to a connected socket of this process. A snapshot or an end that it has already is ignored."""

    draft_id: UUID

    async def draft_snapshot(self, event: dict[str, Any]) -> None:
        """Show a snapshot."""

    async def draft_ended(self, event: dict[str, Any]) -> None:
        """Say that the draft ended, and close."""


_loop: asyncio.AbstractEventLoop | None = None
_tabs: Collection[Tab] = ()
_layer_paused_until = 0.0
_running: dict[UUID, asyncio.Task[None]] = {}
_again: set[UUID] = set()


def draft_group(draft_id: UUID) -> str:
    """The layer group of all sockets of a draft."""
    return f"draft-{draft_id}"


def connect() -> None:
    """Listen to the drafts and to sign-outs; called once when the apps are ready."""
    signals.draft_changed.connect(_changed, dispatch_uid="consumers.broadcast.broadcaster")
    signals.draft_ended.connect(_ended, dispatch_uid="consumers.broadcast.broadcaster")
    user_logged_out.connect(_signed_out, dispatch_uid="consumers.broadcast.broadcaster")


def start(loop: asyncio.AbstractEventLoop, tabs: Collection[Tab]) -> None:
    """Send from `loop` from now on: changes are announced by whatever thread made them. `tabs` are this process's."""
    global _loop, _tabs
    _loop, _tabs = loop, tabs


def stop() -> None:
    """Send nothing more."""
    global _loop
    _loop = None
    for task in _running.values():
        task.cancel()
    _running.clear()
    _again.clear()


def mark(draft_id: UUID) -> None:
    """The draft changed: a snapshot is due. Call in the loop."""
    if draft_id in _running:
        _again.add(draft_id)
        return
    _running[draft_id] = asyncio.ensure_future(_publish_until_quiet(draft_id))


async def _publish_until_quiet(draft_id: UUID) -> None:
    try:
        while True:
            _again.discard(draft_id)
            await _publish(draft_id)
            await asyncio.sleep(SNAPSHOT_INTERVAL)
            if draft_id not in _again:
                return
    finally:
        # In the same step as the look above: a mark in between would be seen by nobody.
        _running.pop(draft_id, None)


async def _publish(draft_id: UUID) -> None:
    try:
        event = await show_here(draft_id)
    except Exception:
        logger.exception("a snapshot could not be read; the beacon looks again")
        return
    if event is not None:
        await send_to_group(draft_group(draft_id), event)


async def show_here(draft_id: UUID) -> dict[str, Any] | None:
    """Show the draft as it is now to the tabs of this process; return the event that does so, None when it ended.

    Raises `DatabaseError`.
    """
    draft = await database.run(snapshot.read, draft_id, messages.Snapshot)
    if draft is None:
        return None
    event = snapshot_event(draft)
    for tab in _tabs_of(draft_id):
        await tab.draft_snapshot(event)
    return event


def _tabs_of(draft_id: UUID) -> list[Tab]:
    return [tab for tab in _tabs if tab.draft_id == draft_id]


def snapshot_event(draft: messages.Snapshot) -> dict[str, Any]:
    """The layer event that carries a snapshot, serialised once for all tabs."""
    return {
        "type": "draft.snapshot",
        "revision": draft.revision,
        "sockets": draft.sockets,
        "text": messages.encode(draft),
    }


async def send_to_group(group: str, event: dict[str, Any]) -> None:
    """Send through the layer. A layer that fails or hangs costs an event, never the command that caused it."""
    global _layer_paused_until
    if time.monotonic() < _layer_paused_until:
        return
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - a project without a channel layer cannot start its consumers
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            await layer.group_send(group, event)
    except Exception as error:  # noqa: BLE001 - whatever the layer raises is its own affair
        _layer_paused_until = time.monotonic() + LAYER_PAUSE_SECONDS
        logger.warning("the channel layer failed and is left alone for %d s: %r", LAYER_PAUSE_SECONDS, error)


def tell(draft_id: UUID, event: dict[str, Any]) -> None:
    """Send an event to the sockets of a draft, from any thread; without a loop there are none to tell."""
    if _loop is not None:
        told = {**event, "sender": ""}
        asyncio.run_coroutine_threadsafe(send_to_group(draft_group(draft_id), told), _loop)


async def announce_end(draft_id: UUID) -> None:
    """Tell the tabs of a draft that it has ended, and how."""
    await send_to_group(draft_group(draft_id), await end_here(draft_id))


async def end_here(draft_id: UUID) -> dict[str, Any]:
    """Tell the tabs of this process that the draft has ended; return the event that does so."""
    event = {"type": "draft.ended", **await database.run(end_of, draft_id)}
    for tab in _tabs_of(draft_id):
        await tab.draft_ended(event)
    return event


def end_of(draft_id: UUID) -> dict[str, Any]:
    """How the draft ended: the fields of `messages.Ended`."""
    draft = Draft.objects.filter(pk=draft_id).select_related("commit_record").first()
    if draft is None:
        return {"reason": "expired", "by": "", "url": "", "names": []}
    record = getattr(draft, "commit_record", None)
    if record is not None:
        return {"reason": "committed", "by": draft.ended_by, "url": record.url, "names": []}
    reason = "discarded" if draft.end_reason == "discard" else "expired"
    return {"reason": reason, "by": draft.ended_by, "url": "", "names": draft.lost_names}


def _changed(*, draft_id: UUID, **_: object) -> None:
    # Without a loop (a management command) there is nobody to tell; the beacons of the servers notice.
    if _loop is not None:
        _loop.call_soon_threadsafe(mark, draft_id)


def _ended(*, draft_id: UUID, **_: object) -> None:
    if _loop is not None:
        asyncio.run_coroutine_threadsafe(announce_end(draft_id), _loop)


def _signed_out(*, request: HttpRequest | None, **_: object) -> None:
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key and _loop is not None:
        asyncio.run_coroutine_threadsafe(_end_session(sessions.session_group(key)), _loop)


async def _end_session(group: str) -> None:
    # Django deletes the session after this signal: a tab that reconnects at once would still find it.
    await asyncio.sleep(SIGN_OUT_SECONDS)
    await send_to_group(group, {"type": "session.ended"})
