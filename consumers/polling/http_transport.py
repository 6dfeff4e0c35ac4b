"""The protocol over HTTP requests, for networks that block WebSockets: same messages, same rules.

Each request renews the draft's deadline and returns the messages a socket would have received. What a socket keeps in
memory between messages (its transfers) is kept in the database here.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from consumers import dispatch
from consumers.broadcast import events
from consumers.broadcast.events import Event
from consumers.dispatch import RequestContext
from consumers.protocol import messages
from consumers.protocol.close_codes import CLOSE_CODES, CloseCode
from consumers.protocol.messages import FromServer, Unreadable
from consumers.rate_limits import ADDS, COMMANDS, KeyedLimiter, ProgressThrottle, Rate
from consumers.transfers import Transfer
from uploads import snapshot, spool
from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.files import operations
from uploads.files.operations import WriteLease
from uploads.models import Draft, File
from uploads.presence import polling

logger = logging.getLogger("uploads.over_http")

ENDED = (Code.DRAFT_ENDED, Code.DRAFT_EXPIRED)


class Reply(Struct, frozen=True):
    """The messages a socket would have received, and the code it would have been closed with."""

    messages: list[FromServer]
    close: CloseCode | None = None


class HttpTransport:
    """Serves the tabs in limited mode; one instance per process."""

    def __init__(self, rate: Rate = COMMANDS, adds: Rate = ADDS) -> None:
        self._commands = KeyedLimiter(rate)
        self._adds = KeyedLimiter(adds)
        self._progress = ProgressThrottle()

    def admit(self, context: RequestContext) -> None:
        """Count a request of the session. Raises `Refusal` (``too_fast``)."""
        if not self._commands.take(context.session_key, time.monotonic()):
            raise Refusal(Code.TOO_FAST)

    def poll(self, context: RequestContext, revision: int) -> Reply:
        """Return what changed since `revision`: a snapshot, and the progress of other tabs. Raises `Refusal`."""
        _enter(context)
        current = Draft.objects.filter(pk=context.draft_id, state__in=states.LIVE).values_list("revision", flat=True)
        if (now := current.first()) is None:
            raise Refusal(Code.DRAFT_ENDED)
        news: list[FromServer] = []
        if now > revision:
            news.append(_snapshot(context))
        return Reply(news + _progress_of_others(context))

    def handle(self, context: RequestContext, text: str) -> Reply:
        """Carry out one message of the browser. Raises `Refusal` if the tab has no access to the draft."""
        try:
            message = messages.decode(text)
        except Unreadable as unreadable:
            return refused(context, unreadable, unreadable.op)
        _enter(context)
        match message:
            case messages.Ping():
                return Reply([messages.Pong()])
            case messages.Sync():
                return Reply([_snapshot(context)])
        try:
            reply = Reply([_perform(context, message, self._adds)])
        except Refusal as refusal:
            return refused(context, refusal, message.op, getattr(message, "file", None))
        except Exception:
            logger.exception("a command failed")
            return refused(context, Refusal(Code.SERVER_ERROR), message.op, getattr(message, "file", None))
        if isinstance(message, messages.Finish):
            self._progress.forget(message.file)
        return reply

    def receive(self, context: RequestContext, file_id: UUID, epoch: int, offset: int, payload: bytes) -> Reply:
        """Append `payload` to the file that this tab took over in `epoch`. Raises `Refusal`; see `spool.Writer`."""
        limits = upload_settings().limits
        if not 0 < len(payload) <= limits.window_chunks * limits.chunk_bytes:
            raise Refusal(Code.TOO_MUCH_DATA if payload else Code.BAD_MESSAGE)
        _enter(context)
        file = _receiving(context, file_id).first()
        if file is None:
            raise Refusal(Code.FILE_NOT_FOUND)
        if file.writer_epoch != epoch:
            raise Refusal(Code.SUPERSEDED)
        writer = spool.Writer.again(file_id, epoch, file.size)
        try:
            received = writer.write(offset, memoryview(payload))
        finally:
            writer.close()
        if spool.length(file_id, epoch) < received:
            # Some disks report lost data only on close, and the writer then keeps none of it.
            raise Refusal(Code.BAD_CHUNK)
        if self._progress.due(file_id, time.monotonic()):
            _tell_sockets(context, events.progress(file_id, received, file.size))
        return Reply([messages.Ack(handle=epoch, offset=received)])


def refused(context: RequestContext, refusal: Refusal, op: str | None = None, file: UUID | None = None) -> Reply:
    """Return the reply to a refused request: the error, and what a socket would receive with it."""
    error = messages.error(refusal, op, file)
    if refusal.code in ENDED:
        ended = events.read_end(context.draft_id)
        return Reply([error, ended] if op else [ended], ended.close_code)
    if refusal.code is Code.STALE:
        return Reply([error, _snapshot(context)])
    return Reply([error], None if refusal.code is Code.BAD_MESSAGE else CLOSE_CODES.get(refusal.code))


def _tell_sockets(context: RequestContext, event: Event) -> None:
    events.from_polling.send(None, draft_id=context.draft_id, event=event)


def _enter(context: RequestContext) -> None:
    dispatch.permitted_user(context.session_key, context.draft_id)
    polling.touch(context.draft_id, context.socket_id)


def _snapshot(context: RequestContext) -> messages.Snapshot:
    draft = snapshot.read(context.draft_id, messages.Snapshot)
    if draft is None:
        raise Refusal(Code.DRAFT_ENDED)
    return draft


def _progress_of_others(context: RequestContext) -> list[FromServer]:
    rows = File.objects.filter(draft=context.draft_id, state=FileState.RECEIVING).exclude(writer=context.socket_id)
    news: list[FromServer] = []
    for file_id, epoch, size in rows.values_list("pk", "writer_epoch", "size"):
        if received := spool.length(file_id, epoch):
            news.append(messages.Progress(file=file_id, received=received, size=size))
    return news


def _perform(context: RequestContext, message: Any, adds: KeyedLimiter) -> FromServer:
    if isinstance(message, messages.Finish):
        return messages.Ok(op=message.op, revision=_finish(context, message))
    answer = dispatch.perform(context, message, adds)
    if isinstance(answer, WriteLease) and answer.epoch is not None:
        return _begin(context, message.op, answer, answer.epoch)
    return messages.Ok(op=message.op, revision=answer.revision if isinstance(answer, WriteLease) else answer)


def _begin(context: RequestContext, op: str, lease: WriteLease, epoch: int) -> messages.Transfer:
    """Take over the file's transfer; its chunks carry the epoch as their handle."""
    _tell_sockets(context, events.taken_over(lease.file, epoch))
    writer = operations.open_writer(lease, epoch)
    writer.close()
    return messages.Transfer(op=op, file=lease.file, handle=epoch, offset=writer.offset)


def _finish(context: RequestContext, message: messages.Finish) -> int:
    file = _receiving(context, message.file).first()
    if file is None:
        # Nothing to finish here, which is fine if it was finished before.
        return dispatch.finish(context, message.file, -1, "")
    transfer = Transfer(file.pk, file.writer_epoch, spool.Writer.again(file.pk, file.writer_epoch, file.size))
    try:
        sha256 = transfer.verify(message.sha256)
    finally:
        transfer.writer.close()
    return dispatch.finish(context, file.pk, file.writer_epoch, sha256)


def _receiving(context: RequestContext, file_id: UUID) -> QuerySet[File]:
    return File.objects.filter(pk=file_id, draft=context.draft_id, state=FileState.RECEIVING)
