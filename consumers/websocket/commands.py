"""Carries out the commands of one socket, through `dispatch` in a database thread and with the socket's transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from consumers import dispatch
from consumers.broadcast import events
from consumers.broadcast.events import Event
from consumers.dispatch import RequestContext
from consumers.protocol import messages
from consumers.protocol.messages import FromServer
from consumers.rate_limits import KeyedLimiter
from consumers.transfers import Transfer, Transfers
from uploads import spool
from uploads.core.errors import Refusal
from uploads.files import operations
from uploads.files.operations import WriteLease
from uploads.runtime.threads import database

TellOthers = Callable[[Event], Awaitable[None]]


async def perform(
    context: RequestContext, message: Any, transfers: Transfers, adds: KeyedLimiter, tell_others: TellOthers
) -> FromServer:
    """Carry out `message` and return the response. Raises `Refusal`."""
    if isinstance(message, messages.Finish):
        return messages.Ok(op=message.op, revision=await _finish(context, message, transfers))
    answer = await database.run(dispatch.perform, context, message, adds)
    if isinstance(message, messages.Remove):
        transfers.end(message.file)
    if isinstance(answer, WriteLease) and answer.epoch is not None:
        await tell_others(events.taken_over(answer.file, answer.epoch))
        return await _begin(message.op, answer, answer.epoch, transfers)
    return messages.Ok(op=message.op, revision=answer.revision if isinstance(answer, WriteLease) else answer)


async def _begin(op: str, lease: WriteLease, epoch: int, transfers: Transfers) -> messages.Transfer:
    """Open the writer of a lease and return the message that tells the client where to continue."""
    transfers.end(lease.file)
    # Shielded, so that the writer is closed again if the consumer is cancelled while it is being opened.
    opening = asyncio.ensure_future(database.run(operations.open_writer, lease, epoch))
    try:
        writer = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise
    handle = transfers.begin(Transfer(lease.file, epoch, writer))
    return messages.Transfer(op=op, file=lease.file, handle=handle, offset=writer.offset)


def _close_unwanted(opened: asyncio.Future[spool.Writer]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result().close()


async def _finish(context: RequestContext, message: messages.Finish, transfers: Transfers) -> int:
    transfer = transfers.of(message.file)
    if transfer is None:
        # Nothing to finish here, which is fine if it was finished before; otherwise the client has to resume.
        return await database.run(dispatch.finish, context, message.file, -1, "")
    try:
        sha256 = await asyncio.to_thread(transfer.verify, message.sha256)
    except Refusal:
        transfers.end(message.file)
        raise
    transfers.end(message.file)
    return await database.run(dispatch.finish, context, message.file, transfer.epoch, sha256)
