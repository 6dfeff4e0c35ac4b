"""The protocol without a socket, for networks that block WebSockets: the same messages, the same rules.

Each request is a visit: it renews the draft's deadline and is answered with what a socket would have been
sent. What a socket remembers between two messages (its transfers) stands in the database here.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from msgspec import Struct

from consumers import dispatch
from consumers.broadcast import broadcaster
from consumers.dispatch import Caller
from consumers.protocol import messages
from consumers.protocol.messages import CloseCode, FromServer
from consumers.rate_limits import CLOSE_CODES, ProgressPace
from consumers.transfers import Transfer
from uploads import snapshot, spool
from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.files import operations
from uploads.files.operations import Turn
from uploads.models import Draft, File
from uploads.presence import polling

logger = logging.getLogger("uploads.over_http")

ENDED = (Code.DRAFT_ENDED, Code.DRAFT_EXPIRED)
_progress = ProgressPace()


class Answer(Struct, frozen=True):
    """What a socket would have been sent, and the code it would have been closed with."""

    messages: list[FromServer]
    close: CloseCode | None = None


def look(caller: Caller, revision: int) -> Answer:
    """What is new since `revision`: a snapshot, and how far the files of other tabs are. Raises `Refusal`."""
    _enter(caller)
    current = Draft.objects.filter(pk=caller.draft_id, state__in=states.LIVE).values_list("revision", flat=True)
    if (now := current.first()) is None:
        raise Refusal(Code.DRAFT_ENDED)
    news: list[FromServer] = []
    if now > revision:
        news.append(_snapshot(caller))
    return Answer(news + _progress_of_others(caller))


def exchange(caller: Caller, text: str) -> Answer:
    """Carry out one message of the browser. Raises `Refusal` when the text is none, or the tab may not ask at all."""
    message = messages.decode(text)
    _enter(caller)
    match message:
        case messages.Ping():
            return Answer([messages.Pong()])
        case messages.Sync():
            return Answer([_snapshot(caller)])
    try:
        return Answer([_perform(caller, message)])
    except Refusal as refusal:
        return refused(caller, refusal, message.op, getattr(message, "file", None))
    except Exception:
        logger.exception("a command failed")
        return refused(caller, Refusal(Code.SERVER_ERROR), message.op, getattr(message, "file", None))


def receive(caller: Caller, file_id: UUID, epoch: int, offset: int, payload: bytes) -> Answer:
    """Append `payload` to the file that this caller took over in `epoch`. Raises `Refusal`; see `spool.Writer`."""
    limits = upload_settings().limits
    if not 0 < len(payload) <= limits.window_chunks * limits.chunk_bytes:
        raise Refusal(Code.TOO_MUCH_DATA if payload else Code.BAD_MESSAGE)
    _enter(caller)
    file = _receiving(caller, file_id).first()
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
        # Some disks say only at the end that they lost something, and nothing of it is kept then.
        raise Refusal(Code.BAD_CHUNK)
    if _progress.due(file_id, time.monotonic()):
        progress = messages.Progress(file=file_id, received=received, size=file.size)
        broadcaster.tell(caller.draft_id, {"type": "draft.progress", "text": messages.encode(progress)})
    return Answer([messages.Ack(handle=epoch, offset=received)])


def refused(caller: Caller, refusal: Refusal, op: str | None = None, file: UUID | None = None) -> Answer:
    """The answer to a request that is refused: an error, and what a socket is told with it."""
    error = messages.Error(op=op, code=refusal.code, message=refusal.message, retryable=refusal.retryable, file=file)
    if refusal.code in ENDED:
        ended = messages.Ended(**broadcaster.end_of(caller.draft_id))
        close = CloseCode.EXPIRED if ended.reason == "expired" else CloseCode.ENDED
        return Answer([error, ended] if op else [ended], close)
    if refusal.code is Code.STALE:
        return Answer([error, _snapshot(caller)])
    return Answer([error], None if refusal.code is Code.BAD_MESSAGE else CLOSE_CODES.get(refusal.code))


def _enter(caller: Caller) -> None:
    dispatch.permitted_user(caller.session_key, caller.draft_id)
    polling.visit(caller.draft_id, caller.socket_id)


def _snapshot(caller: Caller) -> messages.Snapshot:
    draft = snapshot.read(caller.draft_id, messages.Snapshot)
    if draft is None:
        raise Refusal(Code.DRAFT_ENDED)
    return draft


def _progress_of_others(caller: Caller) -> list[FromServer]:
    rows = File.objects.filter(draft=caller.draft_id, state=FileState.RECEIVING).exclude(writer=caller.socket_id)
    news: list[FromServer] = []
    for file_id, epoch, size in rows.values_list("pk", "writer_epoch", "size"):
        if received := spool.length(file_id, epoch):
            news.append(messages.Progress(file=file_id, received=received, size=size))
    return news


def _perform(caller: Caller, message: Any) -> FromServer:
    if isinstance(message, messages.Finish):
        return messages.Ok(op=message.op, revision=_finish(caller, message))
    answer = dispatch.perform(caller, message)
    if isinstance(answer, Turn) and answer.epoch is not None:
        return _begin(caller, message.op, answer, answer.epoch)
    return messages.Ok(op=message.op, revision=answer.revision if isinstance(answer, Turn) else answer)


def _begin(caller: Caller, op: str, turn: Turn, epoch: int) -> messages.Transfer:
    """Take the file over; its chunks carry the epoch, which is all the handle there is."""
    broadcaster.tell(caller.draft_id, {"type": "draft.taken", "file": str(turn.file), "epoch": epoch})
    writer = operations.open_writer(turn, epoch)
    writer.close()
    return messages.Transfer(op=op, file=turn.file, handle=epoch, offset=writer.offset)


def _finish(caller: Caller, message: messages.Finish) -> int:
    file = _receiving(caller, message.file).first()
    if file is None:
        # Nothing to finish here: fine when it was finished before.
        return dispatch.finish(caller, message.file, -1, "")
    transfer = Transfer(file.pk, file.writer_epoch, spool.Writer.again(file.pk, file.writer_epoch, file.size))
    try:
        sha256 = transfer.verify(message.sha256)
    finally:
        transfer.writer.close()
    _progress.forget(file.pk)
    return dispatch.finish(caller, file.pk, file.writer_epoch, sha256)


def _receiving(caller: Caller, file_id: UUID) -> QuerySet[File]:
    return File.objects.filter(pk=file_id, draft=caller.draft_id, state=FileState.RECEIVING)
