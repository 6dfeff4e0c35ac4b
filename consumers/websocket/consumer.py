"""One socket of one tab on one draft: the async shell around messages, rules and drafts.

Chunk frames never touch the database or its threads. Every mistake of a client gets a response; an exception here would
close the socket without running `disconnect` (measured). A client that does not read delays its own frames, never a
broadcast to all tabs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from consumers import dispatch
from consumers.broadcast import events
from consumers.broadcast.events import Event
from consumers.dispatch import RequestContext
from consumers.protocol import messages
from consumers.protocol.close_codes import CLOSE_CODES, CloseCode
from consumers.protocol.framing import parse_chunk
from consumers.protocol.messages import Unreadable
from consumers.rate_limits import ErrorBudget, ProgressThrottle, check_connect
from consumers.runtime import Runtime, wait_for_token
from consumers.security import sessions
from consumers.transfers import Transfers
from consumers.websocket import commands
from consumers.websocket.inbound_queue import InboundQueue
from consumers.websocket.snapshot_feed import SnapshotFeed
from uploads.conf import upload_settings
from uploads.core.errors import Code, Refusal
from uploads.runtime.threads import database

logger = logging.getLogger("uploads.socket")

PERMISSION_SECONDS = 30.0
"""How long an answer of the authoriser is valid for chunks and snapshots, which do not ask it again. The session check
asks three times in this time."""
FIRST_SNAPSHOT_SECONDS = 10.0
"""How long sending the first snapshot may take; no command is answered before it."""
DETAIN_SECONDS = 1.0
"""How long a refusal is delayed for a handshake that has no live session, or whose session has opened too many sockets
lately. Refused at once, the client would reconnect at once, and its handshake costs more than this wait."""
LAST_WORDS_SECONDS = 1.0
"""How long sending an error and the close frame may take. A slower client does not read, and others wait for theirs."""


class DraftConsumer(AsyncConsumer):
    """The consumer of one socket; see the module. `revision` is that of the newest snapshot sent."""

    draft_id: UUID
    session_key: str = ""
    user_key: str = ""
    """The id of the user once the socket was let in: what all sessions of a user share."""
    socket_id: UUID | None = None
    revision: int = 0
    permitted_at: float
    """When (`time.monotonic`) the authoriser last permitted the user to work on the draft."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket until it ends, then close its writers and leave its groups, whatever the reason."""
        self.limits = upload_settings().limits
        self.transfers = Transfers()
        self._error_budget, self._progress = ErrorBudget(), ProgressThrottle()
        self._feed = SnapshotFeed(self._read_asked, self._show, self._turn_to_read)
        self._shown = asyncio.Event()
        self._others = self._closing = self._joined = self._accepted = False
        self._refused_with: Code | None = None
        self._inbound = InboundQueue(receive, self.limits)
        self.session_key = sessions.session_key(scope["headers"])
        self._has_room = bool(self.session_key) and self._runtime.session_sockets.enter(
            self.session_key, self.limits.max_session_sockets
        )
        try:
            await super().__call__(scope, self._inbound.receive, send)  # type: ignore[arg-type]  # our own event too
        finally:
            self._inbound.stop()
            self._feed.stop()
            if self._has_room:
                self._runtime.session_sockets.leave(self.session_key)
            self._runtime.connections.discard(self)
            self.transfers.end_all()
            await self._leave()

    async def dispatch(self, message: Event) -> None:
        """Call the handler of a frame or layer event, without the thread hop that Channels makes for each.

        That hop closes old database connections on one shared thread; ours are closed where they are used.
        """
        await getattr(self, get_handler_name(message))(message)

    # --- Lifecycle

    async def websocket_connect(self, message: Event) -> None:
        """Open the draft, accept and send its snapshot; or accept, send the refusal and close."""
        self.draft_id = self.scope["url_route"]["kwargs"]["draft_id"]
        self._offered = messages.SUBPROTOCOL in self.scope["subprotocols"]
        # Clients without a session are not rate-limited: they have no key in common.
        in_time = bool(self.session_key) and self._runtime.connect_limiter.take(self.session_key, time.monotonic())
        if not in_time:
            await asyncio.sleep(DETAIN_SECONDS)
        try:
            check_connect(self.session_key, offered=self._offered, in_time=in_time, has_room=self._has_room)
            await self._open()
        except Refusal as refusal:
            if in_time and refusal.code is Code.SIGNED_OUT:
                await asyncio.sleep(DETAIN_SECONDS)
            await self._refuse_draft(refusal)
        except TimeoutError:
            # The client does not read, or the draft cannot be read, which has been logged.
            await self.refuse(Refusal(Code.SERVER_ERROR))
        except Exception:
            logger.exception("a socket could not be opened")
            await self.refuse(Refusal(Code.SERVER_ERROR))

    async def _open(self) -> None:
        """Open the draft and wait until the snapshot is sent. Raises `Refusal` and `TimeoutError`."""
        await wait_for_token(self._runtime.opening_limiter, self.session_key, lambda: self._inbound.has_ended)
        process_id = self._runtime.process_id()
        tab = dispatch.tab_id(self.scope.get("query_string", b"").decode("latin1"))
        await self._runtime.session_lookups.check(self.session_key)
        await self._accept()  # Before the draft is opened, which may be locked for longer than the 5 s a browser waits.
        async with self._runtime.draft_turns.of(str(self.draft_id)), self._runtime.connect_turn:
            if self._inbound.has_ended:
                raise Refusal(Code.TOO_FAST)
            self.permitted_at = time.monotonic()
            opened = await database.run(dispatch.connect, self.session_key, self.draft_id, process_id, tab)
        self.socket_id, self.user_key = opened.socket_id, opened.user_key
        # Join before the first snapshot is read, or a change in between would be missed; refused clients never join.
        await self._join()
        self._runtime.connections.add(self)
        if self._runtime.process_id() != process_id:
            # Tabs that were connected when the lease lapsed have been closed; this one arrived in that moment.
            raise Refusal(Code.LEASE_LOST)
        # One read for all tabs of the draft that connect at once; each on its own would read it again.
        self._runtime.broadcaster.publish_soon(self.draft_id)
        async with asyncio.timeout(FIRST_SNAPSHOT_SECONDS):
            await self._shown.wait()

    async def _accept(self) -> None:
        """Complete the handshake, even to refuse: otherwise a browser sees no close code."""
        if not self._accepted:
            self._accepted = True
            subprotocol = messages.SUBPROTOCOL if self._offered else None
            await self._send_event({"type": "websocket.accept", "subprotocol": subprotocol})

    async def _refuse_draft(self, refusal: Refusal, op: str | None = None, file: UUID | None = None) -> None:
        """Close because of `refusal`; if the draft has ended, send how it ended."""
        if refusal.code not in (Code.DRAFT_ENDED, Code.DRAFT_EXPIRED):
            await self.refuse(refusal, op, file)
            return
        if op is not None:
            await self._send_error(refusal, op, file)
        await self.draft_ended(await database.run(events.ended, self.draft_id))

    async def websocket_disconnect(self, message: Event) -> None:
        """Close the row of the ended socket. This event may be lost; the session check closes stray rows."""
        if self.socket_id is not None:
            try:
                await database.run(dispatch.disconnect, self.socket_id, self._refused_with, message.get("code"))
            except Exception:
                logger.exception("a socket's end could not be recorded; the next check of the connections does it")
        raise StopConsumer

    async def uploads_flood(self, message: Event) -> None:
        """Close the socket: the client exceeded its credit."""
        await self.refuse(Refusal(message["code"]))

    async def refuse(self, refusal: Refusal, op: str | None = None, file: UUID | None = None) -> None:
        """Send `refusal` and close the socket with its code. Only the first call has an effect."""
        if self._closing or self._inbound.has_ended:
            return
        self._refused_with = refusal.code
        last_words = messages.encode(messages.error(refusal, op, file))
        await self._close(last_words, CLOSE_CODES.get(refusal.code, CloseCode.RESTARTING))

    async def _close(self, last_words: str, code: int) -> None:
        """Send a last text and close. If the client does not read, both are dropped after `LAST_WORDS_SECONDS`."""
        self._closing = True
        self._shown.set()
        self.transfers.end_all()
        self._feed.stop()
        self._runtime.connections.discard(self)
        await self._accept()
        for event in ({"type": "websocket.send", "text": last_words}, {"type": "websocket.close", "code": int(code)}):
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._send_event(event)

    async def _join(self) -> None:
        self._joined = True
        for group in self._groups():
            await self.channel_layer.group_add(group, self.channel_name)

    async def _leave(self) -> None:
        if not self._joined:
            return
        for group in self._groups():
            try:
                await self.channel_layer.group_discard(group, self.channel_name)
            except Exception:
                logger.warning("the channel layer could not be left", exc_info=True)

    def _groups(self) -> tuple[str, str]:
        return events.draft_group(self.draft_id), sessions.session_group(self.session_key)

    # --- Frames

    async def websocket_receive(self, message: Event) -> None:
        """Handle a chunk or a command. No exception leaves this method."""
        if self._closing:
            return
        try:
            frame = message.get("bytes")
            if self._is_too_fast(frame):
                await self.refuse(Refusal(Code.TOO_FAST))
            elif frame is not None:
                await self._chunk(frame)
            else:
                await self._text(message["text"])
        except Refusal as refusal:
            await self._refused(refusal, None, None)
        except Exception:
            logger.exception("a frame was not handled")
            await self._send_error(Refusal(Code.SERVER_ERROR), None, None)

    def _is_too_fast(self, frame: bytes | None) -> bool:
        """Count a message before it is parsed. Full chunks are not counted: sending them is costly enough."""
        if frame is not None and len(frame) >= self.limits.chunk_bytes:
            return False
        return not self._runtime.message_limiter.take(self.user_key, time.monotonic())

    async def _turn_to_read(self) -> None:
        await wait_for_token(self._runtime.sync_limiter, self.user_key)

    def _check_permission(self) -> None:
        """Refuse to rely on an answer of the authoriser that is too old; reconnecting asks for a new one."""
        if time.monotonic() - self.permitted_at > PERMISSION_SECONDS:
            raise Refusal(Code.LEASE_LOST)

    async def _chunk(self, frame: bytes) -> None:
        self._check_permission()
        chunk = parse_chunk(frame, self.limits)
        transfer = self.transfers.get(chunk.handle)
        if transfer is None:
            # It was in flight when the transfer ended (finished, superseded, removed); nothing is lost.
            return
        try:
            offset = transfer.writer.write(chunk.offset, chunk.payload)
        except Refusal as refusal:
            self.transfers.end(transfer.file)
            await self._send_error(refusal, None, transfer.file)
            return
        await self._send(messages.Ack(handle=chunk.handle, offset=offset))
        if self._others and self._progress.due(transfer.file, time.monotonic()):
            await self._tell_others(events.progress(transfer.file, offset, transfer.writer.size))

    async def _text(self, text: str) -> None:
        try:
            message = messages.decode(text)
        except Unreadable as unreadable:
            if self._error_budget.spend():
                await self.refuse(unreadable, unreadable.op)
            else:
                await self._send_error(unreadable, unreadable.op, None)
            return
        self._error_budget.reset()
        match message:
            case messages.Ping():
                await self._send(messages.Pong())
            case messages.Sync():
                self._feed.ask()
            case _:
                await self._command(message)

    async def _command(self, message: Any) -> None:
        file = getattr(message, "file", None)
        try:
            await self._perform(message)
        except Refusal as refusal:
            await self._refused(refusal, message.op, file)
        except Exception:
            logger.exception("a command failed")
            await self._send_error(Refusal(Code.SERVER_ERROR), message.op, file)

    async def _perform(self, message: Any) -> None:
        if self.socket_id is None:
            raise Refusal(Code.RESTARTING)
        if isinstance(message, messages.Note | messages.Edit):
            await wait_for_token(self._runtime.typing_limiter, self.user_key)
        context = RequestContext(self.session_key, self.draft_id, self.socket_id)
        asked_at = time.monotonic()
        async with self._runtime.command_turns.of(self.user_key):
            answer = await commands.perform(context, message, self.transfers, self._tell_others)
        self.permitted_at = max(self.permitted_at, asked_at)
        await self._send(answer)
        if isinstance(message, messages.Finish):
            self._progress.forget(message.file)

    # --- Responses

    async def _refused(self, refusal: Refusal, op: str | None, file: UUID | None) -> None:
        """Send a refusal; close if the connection may not continue or has sent too many bad messages."""
        if refusal.code is Code.BAD_MESSAGE and op is None:
            if self._error_budget.spend():
                await self.refuse(refusal)
                return
        elif refusal.code in CLOSE_CODES and refusal.code is not Code.BAD_MESSAGE:
            await self._refuse_draft(refusal, op, file)
            return
        await self._send_error(refusal, op, file)
        if refusal.code is Code.STALE:
            self._feed.ask()

    async def _send_error(self, refusal: Refusal, op: str | None, file: UUID | None) -> None:
        await self._send(messages.error(refusal, op, file))

    async def _read_snapshot(self) -> Event | None:
        """Return a snapshot, to be sent even if its revision is not new; None, after sending the end, if it ended."""
        event = await database.run(events.read_snapshot, self.draft_id)
        if event is None:
            await self.draft_ended(await database.run(events.ended, self.draft_id))
        self.revision = 0
        return event

    async def _read_asked(self) -> Event | None:
        try:
            return await self._read_snapshot()
        except Exception:
            logger.exception("a snapshot could not be read")
            await self._send_error(Refusal(Code.SERVER_ERROR), None, None)
            return None

    async def _show(self, event: Event) -> None:
        if self._closing or event["revision"] <= self.revision:
            return
        try:
            self._check_permission()
        except Refusal as refusal:
            await self.refuse(refusal)
            return
        self.revision = event["revision"]
        self._others = event["sockets"] > 1
        await self._send_text(event["text"])
        self._shown.set()

    async def _send(self, message: messages.FromServer) -> None:
        await self._send_text(messages.encode(message))

    async def _send_text(self, text: str) -> None:
        await self._send_event({"type": "websocket.send", "text": text})

    async def _send_event(self, event: Event) -> None:
        try:
            await self.send(event)
        except Exception:
            # The connection broke while one of its frames was being answered. Raising this would end the consumer
            # before its `websocket.disconnect`, and the draft's grace would begin half a minute late.
            logger.debug("an answer came too late", exc_info=True)
            self._closing = True
            self._shown.set()

    # --- Layer events

    async def _tell_others(self, event: Event) -> None:
        sent = {**event, "sender": self.channel_name}
        await self._runtime.broadcaster.send_to_group(events.draft_group(self.draft_id), sent)

    async def draft_snapshot(self, event: Event) -> None:
        """Send a newer snapshot of the draft."""
        if event["revision"] > self.revision and not self._closing:
            self._feed.offer(event)

    async def draft_progress(self, event: Event) -> None:
        """Send the progress of another tab's transfer."""
        if event["sender"] != self.channel_name and not self._closing:
            await self._send_text(event["text"])

    async def draft_taken(self, event: Event) -> None:
        """End a transfer that another socket has taken over."""
        file = UUID(event["file"])
        if event["sender"] != self.channel_name and self.transfers.superseded(file, event["epoch"]):
            await self._send_error(Refusal(Code.SUPERSEDED), None, file)

    async def draft_ended(self, event: Event) -> None:
        """Send that the draft has ended, and close."""
        if not self._closing:
            await self._close(event["text"], event["close"])

    async def session_ended(self, event: Event) -> None:
        """Close the socket: the user signed out."""
        await self.refuse(Refusal(Code.SIGNED_OUT))
