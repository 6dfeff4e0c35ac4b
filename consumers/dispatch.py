"""Maps each command of the protocol to one call into `uploads`, made in a database thread.

The session, the user and the permission are looked up again for every command, so that signing out or revoking a
permission takes effect with the next one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from django.contrib.auth.models import User
from msgspec import Struct

from consumers.protocol import messages
from consumers.protocol.messages import ClientMessage
from consumers.rate_limits import KeyedLimiter
from consumers.security import sessions
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import LAST
from uploads.core.service_time import Cause, cause_of_close
from uploads.drafts import form_state, lifecycle
from uploads.files import operations
from uploads.files.operations import WriteLease
from uploads.models import Draft
from uploads.permissions import Target, authoriser
from uploads.presence import sockets

logger = logging.getLogger("uploads.dispatch")

OUR_FAULT = {Code.RESTARTING: Cause.RESTART, Code.LEASE_LOST: Cause.LAPSED}
"""Closes caused by the server, after which the draft gets the longer grace."""


class RequestContext(Struct, frozen=True):
    """Where a command comes from: the session, the draft, and the row of the tab's socket or polling session."""

    session_key: str
    draft_id: UUID
    socket_id: UUID


def tab_id(query: str) -> UUID | None:
    """Return the id that the tab chose, from the query string; None if it is missing or invalid."""
    try:
        return UUID(parse_qs(query).get("tab", [""])[-1])
    except ValueError:
        return None


def permitted_user(session_key: str, draft_id: UUID) -> User:
    """Return the user allowed to change the draft. Raises `Refusal`: signed_out, draft_not_found, not_allowed."""
    user = sessions.session_user(session_key)
    if user is None:
        raise Refusal(Code.SIGNED_OUT)
    draft = Draft.objects.filter(pk=draft_id, owner=user).first()
    if draft is None:
        raise Refusal(Code.DRAFT_NOT_FOUND)
    if not authoriser().can_open(user, Target(draft.target_kind, draft.target_id)):
        raise Refusal(Code.NOT_ALLOWED)
    return user


def refusal_codes(asked: Collection[tuple[str, UUID]]) -> dict[tuple[str, UUID], Code | None]:
    """Return the code with which `permitted_user` would refuse each pair of session and draft, None where it would not.

    Takes a few queries for all pairs. A pair whose authoriser fails has no entry.
    """
    users = sessions.session_users(key for key, _ in asked)
    drafts = Draft.objects.in_bulk({draft_id for _, draft_id in asked})
    answers: dict[tuple[str, UUID], Code | None] = {}
    for key, draft_id in asked:
        user, draft = users.get(key), drafts.get(draft_id)
        if user is None:
            answers[key, draft_id] = Code.SIGNED_OUT
        elif draft is None or draft.owner_id != user.pk:
            answers[key, draft_id] = Code.DRAFT_NOT_FOUND
        else:
            try:
                allowed = authoriser().can_open(user, Target(draft.target_kind, draft.target_id))
            except Exception:
                logger.exception("the authoriser failed")
                continue
            answers[key, draft_id] = None if allowed else Code.NOT_ALLOWED
    return answers


def connect(session_key: str, draft_id: UUID, process_id: UUID, tab: UUID | None = None) -> UUID:
    """Open a socket of `tab` on the draft and return its id. Raises `Refusal`."""
    return sockets.connect(draft_id, permitted_user(session_key, draft_id), process_id, tab)


def disconnect(socket_id: UUID, refused: Code | None, close_code: int | None) -> None:
    """Close the row of a socket that we closed because of `refused`, or that ended with `close_code`."""
    # A client echoes our own code, so a restart would look like a clean close.
    cause = OUR_FAULT.get(refused) if refused else None
    sockets.disconnect(socket_id, cause or cause_of_close(close_code))


def perform(context: RequestContext, message: ClientMessage, adds: KeyedLimiter) -> int | WriteLease:
    """Carry out `message`; return the draft's revision after it, or a write lease for a file. Raises `Refusal`.

    `adds` limits how fast each user may add files in this process.
    """
    user = permitted_user(context.session_key, context.draft_id)
    if isinstance(message, messages.Add) and not adds.take(str(user.pk), time.monotonic()):
        raise Refusal(Code.TOO_FAST)
    return HANDLERS[type(message)](context, user, message)


def _reorder(context: RequestContext, user: User, message: messages.Reorder) -> int:
    place = (message.file_type, message.variant_temp_id)
    return operations.reorder(context.draft_id, user, message.op, message.files, place, message.after)


def _variants(context: RequestContext, user: User, message: messages.Variants) -> int:
    rows = [(row.temp_id, row.label) for row in message.rows]
    return form_state.set_variants(context.draft_id, user, message.op, message.revision, rows)


def _discard(context: RequestContext, user: User, message: messages.Discard) -> int:
    answer = lifecycle.discarded(context.draft_id, user, message.op)
    if answer is None:
        lifecycle.discard(context.draft_id, user, message.op)
        answer = lifecycle.discarded(context.draft_id, user, message.op)
    return answer or 0


HANDLERS: dict[type, Callable[[RequestContext, User, Any], int | WriteLease]] = {
    messages.Add: lambda c, user, m: operations.add(c.draft_id, user, _upload_request(m), c.socket_id),
    messages.Resume: lambda c, user, m: operations.resume(c.draft_id, user, m.file, m.size, c.socket_id),
    messages.Retry: lambda c, user, m: operations.retry(c.draft_id, user, m.file, c.socket_id),
    messages.Remove: lambda c, user, m: operations.remove(c.draft_id, user, m.file),
    messages.Restore: lambda c, user, m: operations.restore(c.draft_id, user, m.file),
    messages.Purge: lambda c, user, m: operations.purge(c.draft_id, user, m.file),
    messages.Reorder: _reorder,
    messages.Describe: lambda c, user, m: operations.describe(c.draft_id, user, m.file, m.alt_text),
    messages.Variants: _variants,
    messages.Edit: lambda c, user, m: form_state.edit(c.draft_id, user, m.op, m.author, _typed(m)),
    messages.Note: lambda c, user, m: form_state.note(c.draft_id, user, m.fields),
    messages.Discard: _discard,
}


def _typed(message: messages.Edit) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {name: (field.base, tuple(field.values)) for name, field in message.fields.items()}


def finish(context: RequestContext, file: UUID, epoch: int, sha256: str) -> int:
    """Finish the upload of `file`, whose bytes are all spooled; return the draft's revision. Raises `Refusal`."""
    user = permitted_user(context.session_key, context.draft_id)
    return operations.finish(context.draft_id, user, file, epoch, sha256)


def _upload_request(message: messages.Add) -> operations.UploadRequest:
    fields: dict[str, Any] = {
        name: getattr(message, name) for name in ("name", "size", "content_type", "file_type", "variant_temp_id")
    }
    after = LAST if isinstance(message.after, msgspec.UnsetType) else message.after
    return operations.UploadRequest(id=message.file, after=after, **fields)
