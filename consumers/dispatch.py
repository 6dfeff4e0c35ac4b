"""What each command of the wire does: one call into `uploads`, in a database thread.

The session, the user and the permission are looked up again for every command: a sign-out or a
withdrawn permission counts from the next one on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.auth.models import User
from msgspec import Struct

from consumers.protocol import messages
from consumers.protocol.messages import ClientMessage
from consumers.security import sessions
from uploads import snapshot as snapshots
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import LAST
from uploads.drafts import form_state, lifecycle
from uploads.files import operations
from uploads.files.operations import Turn
from uploads.models import Draft
from uploads.permissions import Target, authoriser
from uploads.presence import sockets


class Caller(Struct, frozen=True):
    """Who sends commands: the session, the draft, and the row of the tab's socket or visit."""

    session_key: str
    draft_id: UUID
    socket_id: UUID


def permitted_user(session_key: str, draft_id: UUID) -> User:
    """The signed-in user, who may change the draft. Raises `Refusal` (``signed_out``, ``not_allowed``, ...)."""
    user = sessions.session_user(session_key)
    if user is None:
        raise Refusal(Code.SIGNED_OUT)
    draft = Draft.objects.filter(pk=draft_id, owner=user).first()
    if draft is None:
        raise Refusal(Code.DRAFT_NOT_FOUND)
    if not authoriser().can_open(user, Target(draft.target_kind, draft.target_id)):
        raise Refusal(Code.NOT_ALLOWED)
    return user


def connect(session_key: str, draft_id: UUID, process_id: UUID) -> UUID:
    """Open a socket on the draft and return its id. Raises `Refusal`."""
    return sockets.connect(draft_id, permitted_user(session_key, draft_id), process_id)


def snapshot(draft_id: UUID) -> messages.Snapshot | None:
    """The draft as every tab sees it; None once it has ended."""
    fields = snapshots.snapshot(draft_id)
    return None if fields is None else msgspec.convert(fields, messages.Snapshot, from_attributes=True)


def perform(caller: Caller, message: ClientMessage) -> int | Turn:
    """Carry out `message`: the draft's revision after it, or the right to send a file. Raises `Refusal`."""
    user = permitted_user(caller.session_key, caller.draft_id)
    return _VERBS[type(message)](caller, user, message)


def _reorder(caller: Caller, user: User, message: messages.Reorder) -> int:
    place = (message.file_type, message.variant_temp_id)
    return operations.reorder(caller.draft_id, user, message.op, message.files, place, message.after)


def _variants(caller: Caller, user: User, message: messages.Variants) -> int:
    rows = [(row.temp_id, row.label) for row in message.rows]
    return form_state.set_variants(caller.draft_id, user, message.op, message.revision, rows)


def _discard(caller: Caller, user: User, message: messages.Discard) -> int:
    answer = lifecycle.discarded(caller.draft_id, user, message.op)
    if answer is None:
        lifecycle.discard(caller.draft_id, user, message.op)
        answer = lifecycle.discarded(caller.draft_id, user, message.op)
    return answer or 0


_VERBS: dict[type, Callable[[Caller, User, Any], int | Turn]] = {
    messages.Add: lambda caller, user, m: operations.add(caller.draft_id, user, _claim(m), caller.socket_id),
    messages.Resume: lambda caller, user, m: operations.resume(caller.draft_id, user, m.file, m.size, caller.socket_id),
    messages.Retry: lambda caller, user, m: operations.retry(caller.draft_id, user, m.file, caller.socket_id),
    messages.Remove: lambda caller, user, m: operations.remove(caller.draft_id, user, m.file),
    messages.Restore: lambda caller, user, m: operations.restore(caller.draft_id, user, m.file),
    messages.Purge: lambda caller, user, m: operations.purge(caller.draft_id, user, m.file),
    messages.Reorder: _reorder,
    messages.Describe: lambda caller, user, m: operations.describe(caller.draft_id, user, m.file, m.alt_text),
    messages.Variants: _variants,
    messages.Note: lambda caller, user, m: form_state.note(caller.draft_id, user, m.fields),
    messages.Discard: _discard,
}


def finish(caller: Caller, file: UUID, epoch: int, sha256: str) -> int:
    """All bytes of `file` are in its spool; return the draft's revision. Raises `Refusal`."""
    user = permitted_user(caller.session_key, caller.draft_id)
    return operations.finish(caller.draft_id, user, file, epoch, sha256)


def _claim(message: messages.Add) -> operations.Claim:
    fields: dict[str, Any] = {
        name: getattr(message, name) for name in ("name", "size", "content_type", "file_type", "variant_temp_id")
    }
    after = LAST if isinstance(message.after, msgspec.UnsetType) else message.after
    return operations.Claim(id=message.file, after=after, **fields)
