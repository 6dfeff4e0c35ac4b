"""One socket of one tab on one draft: the async shell around messages, rules and the drafts.

Chunk frames never touch the database or its threads. Everything a client does wrong is answered;
an exception here would close the socket without running `disconnect` (measured). A client that does not
read holds up its own frames, and nobody who announces something to all tabs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
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
from consumers.runtime import Runtime
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
"""How long an answer of the authoriser counts for what does not ask it again: chunks and snapshots. The check of the
connections asks three times in it."""
FIRST_SNAPSHOT_SECONDS = 10.0
"""Nothing is answered before it is sent."""
TURN_SECONDS = 0.1
"""How often a socket that waits for its turn looks whether it is there."""
DETAIN_SECONDS = 1.0
"""How long the refusal of a connect waits that has no session, or whose session opened too many in a short time. Its
client would be back at once, and a handshake costs more than this wait."""
LAST_WORDS_SECONDS = 1.0
"""A client that takes an ending no faster does not read, and others wait for theirs."""


class DraftConsumer(AsyncConsumer):
    """See the module. `revision` is that of the newest snapshot sent."""

    draft_id: UUID
    session_key: str = ""
    user_key: str = ""
    """The id of the user once the socket was let in: what all sessions of a user share."""
    socket_id: UUID | None = None
    revision: int = 0
    permitted_at: float
    """When (`time.monotonic`) it was asked last whether the user may work on the draft, and the answer was yes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket until it ends; whatever ends it, its writers are closed and its group left."""
        self.limits = upload_settings().limits
        self.transfers = Transfers()
        self._error_budget, self._progress = ErrorBudget(), ProgressThrottle()
        self._feed = SnapshotFeed(self._read_asked, self._show, self._turn_to_read)
        self._shown = asyncio.Event()
        self._others = self._closing = self._joined = False
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
        """Call the handler of a frame or layer event, without Channels' thread hop for each one.

        That hop tidies database connections on one shared thread; ours are tidied where they are used.
        """
        await getattr(self, get_handler_name(message))(message)

    # --- The socket's life

    async def websocket_connect(self, message: Event) -> None:
        """Accept, open the draft, and send the snapshot; or accept, say why not, and close."""
        self.draft_id = self.scope["url_route"]["kwargs"]["draft_id"]
        offered = messages.SUBPROTOCOL in self.scope["subprotocols"]
        # Strangers are not counted: they have nothing in common with each other.
        in_time = bool(self.session_key) and self._runtime.connect_limiter.take(self.session_key, time.monotonic())
        if not in_time:
            await asyncio.sleep(DETAIN_SECONDS)
        await self.send({"type": "websocket.accept", "subprotocol": messages.SUBPROTOCOL if offered else None})
        try:
            if not offered:
                raise Refusal(Code.BAD_MESSAGE, f"This server speaks {messages.SUBPROTOCOL}.")
            check_connect(self.session_key, in_time=in_time, has_room=self._has_room)
            await self._open()
        except Refusal as refusal:
            if in_time and refusal.code is Code.SIGNED_OUT:
                await asyncio.sleep(DETAIN_SECONDS)
            await self._refuse_draft(refusal)
        except TimeoutError:
            # A client that does not read. A draft that cannot be read was logged.
            await self.refuse(Refusal(Code.SERVER_ERROR))
        except Exception:
            logger.exception("a socket could not be opened")
            await self.refuse(Refusal(Code.SERVER_ERROR))

    async def _open(self) -> None:
        """Open the draft and wait until the snapshot is sent. Raises `Refusal` and `TimeoutError`."""
        await self._turn(self._runtime.opening_limiter.take, self.session_key)
        process_id = self._runtime.process_id()
        self.permitted_at = time.monotonic()
        tab = dispatch.tab_id(self.scope.get("query_string", b"").decode("latin1"))
        async with self._runtime.session_lookups.of(self.session_key):
            if self._inbound.has_ended:
                raise Refusal(Code.TOO_FAST)
            opened = await database.run(dispatch.connect, self.session_key, self.draft_id, process_id, tab)
        self.socket_id, self.user_key = opened.socket_id, opened.user_key
        # Before the first snapshot is read, or a change in between would be missed; not for those who are refused.
        await self._join()
        self._runtime.connections.add(self)
        if self._runtime.process_id() != process_id:
            # Those that were tabs when the lease lapsed were sent away; this one came in that moment.
            raise Refusal(Code.LEASE_LOST)
        # One reading for all tabs of the draft that come at once: together they would read it many times.
        self._runtime.broadcaster.publish_soon(self.draft_id)
        async with asyncio.timeout(FIRST_SNAPSHOT_SECONDS):
            await self._shown.wait()

    async def _refuse_draft(self, refusal: Refusal, op: str | None = None, file: UUID | None = None) -> None:
        """Close because of `refusal`; of a draft that has ended, say how."""
        if refusal.code not in (Code.DRAFT_ENDED, Code.DRAFT_EXPIRED):
            await self.refuse(refusal, op, file)
            return
        if op is not None:
            await self._send_error(refusal, op, file)
        await self.draft_ended(await database.run(events.ended, self.draft_id))

    async def websocket_disconnect(self, message: Event) -> None:
        """The socket ended: give its row back. May be lost: the check of the connections closes stray rows."""
        if self.socket_id is not None:
            try:
                await database.run(dispatch.disconnect, self.socket_id, self._refused_with, message.get("code"))
            except Exception:
                logger.exception("a socket's end could not be recorded; the next check of the connections does it")
        raise StopConsumer

    async def uploads_flood(self, message: Event) -> None:
        """The client sent more than its credit."""
        await self.refuse(Refusal(message["code"]))

    async def refuse(self, refusal: Refusal, op: str | None = None, file: UUID | None = None) -> None:
        """Say `refusal` and close the socket with its code. Only the first call has an effect."""
        if self._closing:
            return
        self._refused_with = refusal.code
        last_words = messages.encode(messages.error(refusal, op, file))
        await self._close(last_words, CLOSE_CODES.get(refusal.code, CloseCode.RESTARTING))

    async def _close(self, last_words: str, code: int) -> None:
        """Send a last text and close. What a client does not read at once is dropped with its connection."""
        self._closing = True
        self._shown.set()
        self.transfers.end_all()
        self._feed.stop()
        self._runtime.connections.discard(self)
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
        """A chunk or a command. Nothing in it can raise beyond this method."""
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
        """Count a message before anybody looks into it. A full chunk costs its sender enough."""
        if frame is not None and len(frame) >= self.limits.chunk_bytes:
            return False
        return not self._runtime.message_limiter.take(self.user_key, time.monotonic())

    async def _turn_to_read(self) -> None:
        await self._turn(self._runtime.sync_limiter.take, self.user_key)

    async def _turn(self, take: Callable[[str, float], bool], key: str) -> None:
        while not take(key, time.monotonic()):  # noqa: ASYNC110 - nothing but time fills a bucket
            await asyncio.sleep(TURN_SECONDS)

    def _check_permission(self) -> None:
        """Refuse to go on with an answer of the authoriser that is too old: a connection asks for a new one."""
        if time.monotonic() - self.permitted_at > PERMISSION_SECONDS:
            raise Refusal(Code.LEASE_LOST)

    async def _chunk(self, frame: bytes) -> None:
        self._check_permission()
        chunk = parse_chunk(frame, self.limits)
        transfer = self.transfers.get(chunk.handle)
        if transfer is None:
            # Still on its way when the transfer ended (finished, superseded, removed): nothing is lost.
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
            await self._turn(self._runtime.typing_limiter.take, self.user_key)
        context = RequestContext(self.session_key, self.draft_id, self.socket_id)
        asked_at = time.monotonic()
        async with self._runtime.command_turns.of(self.user_key):
            answer = await commands.perform(context, message, self.transfers, self._tell_others)
        self.permitted_at = max(self.permitted_at, asked_at)
        await self._send(answer)
        if isinstance(message, messages.Finish):
            self._progress.forget(message.file)

    # --- Answers

    async def _refused(self, refusal: Refusal, op: str | None, file: UUID | None) -> None:
        """Answer a refusal; close when the connection has no right to go on, or said too much nonsense."""
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
        """The draft as it is now, which counts as new; None when it has ended, which is said then."""
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
            # The connection broke while a frame of it was being answered. Raised further, this would end the consumer
            # before its `websocket.disconnect`, and the draft's grace would begin half a minute late.
            logger.debug("an answer came too late", exc_info=True)
            self._closing = True
            self._shown.set()

    # --- Layer events

    async def _tell_others(self, event: Event) -> None:
        sent = {**event, "sender": self.channel_name}
        await self._runtime.broadcaster.send_to_group(events.draft_group(self.draft_id), sent)

    async def draft_snapshot(self, event: Event) -> None:
        """A newer snapshot of the draft."""
        if event["revision"] > self.revision and not self._closing:
            self._feed.offer(event)

    async def draft_progress(self, event: Event) -> None:
        """Another tab's transfer went on."""
        if event["sender"] != self.channel_name and not self._closing:
            await self._send_text(event["text"])

    async def draft_taken(self, event: Event) -> None:
        """Another socket took a transfer over."""
        file = UUID(event["file"])
        if event["sender"] != self.channel_name and self.transfers.superseded(file, event["epoch"]):
            await self._send_error(Refusal(Code.SUPERSEDED), None, file)

    async def draft_ended(self, event: Event) -> None:
        """The draft has ended."""
        if not self._closing:
            await self._close(event["text"], event["close"])

    async def session_ended(self, event: Event) -> None:
        """The user signed out."""
        await self.refuse(Refusal(Code.SIGNED_OUT))
