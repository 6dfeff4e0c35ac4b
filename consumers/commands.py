"""What each command of the wire does: one call into `uploads`, in a database thread.

The session, the user and the permission are looked up again for every command: a sign-out or a
withdrawn permission counts from the next one on.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.contrib.auth.models import AbstractBaseUser
from msgspec import Struct

from consumers import auth, messages
from consumers.messages import ClientMessage
from uploads import drafts, files, presence, snapshots
from uploads.access import authoriser
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import LAST
from uploads.drafts import Target
from uploads.files import Turn
from uploads.models import Draft


class Caller(Struct, frozen=True):
    """Who sends commands: the session, the draft, and the socket's row."""

    session_key: str
    draft_id: UUID
    socket_id: UUID


def permitted_user(session_key: str, draft_id: UUID) -> AbstractBaseUser:
    """The signed-in user, who may change the draft. Raises `Refusal` (``signed_out``, ``not_allowed``, ...)."""
    user = auth.session_user(session_key)
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
    return presence.connect(draft_id, permitted_user(session_key, draft_id), process_id)


def snapshot(draft_id: UUID) -> messages.Snapshot | None:
    """The draft as every tab sees it; None once it has ended."""
    fields = snapshots.snapshot(draft_id)
    return None if fields is None else msgspec.convert(fields, messages.Snapshot, from_attributes=True)


def perform(caller: Caller, message: ClientMessage) -> int | Turn:
    """Carry out `message`: the draft's revision after it, or the right to send a file. Raises `Refusal`."""
    user = permitted_user(caller.session_key, caller.draft_id)
    draft_id = caller.draft_id
    match message:
        case messages.Add():
            return files.add(draft_id, user, _claim(message), caller.socket_id)
        case messages.Resume():
            return files.resume(draft_id, user, message.file, message.size, caller.socket_id)
        case messages.Retry():
            return files.retry(draft_id, user, message.file, caller.socket_id)
        case messages.Remove():
            return files.remove(draft_id, user, message.file)
        case messages.Restore():
            return files.restore(draft_id, user, message.file)
        case messages.Purge():
            return files.purge(draft_id, user, message.file)
        case messages.Reorder():
            place = (message.file_type, message.variant_temp_id)
            return files.reorder(draft_id, user, message.op, message.file, place, message.after)
        case messages.Describe():
            return files.describe(draft_id, user, message.file, message.alt_text)
        case messages.Variants():
            rows = [(row.temp_id, row.label) for row in message.rows]
            return drafts.set_variants(draft_id, user, message.op, message.revision, rows)
        case messages.Note():
            return drafts.note(draft_id, user, message.fields)
        case messages.Discard():
            drafts.discard(draft_id, user)
            return 0
        case _:
            raise Refusal(Code.BAD_MESSAGE)


def finish(caller: Caller, file: UUID, epoch: int, sha256: str) -> int:
    """All bytes of `file` are in its spool; return the draft's revision. Raises `Refusal`."""
    user = permitted_user(caller.session_key, caller.draft_id)
    return files.finish(caller.draft_id, user, file, epoch, sha256)


def _claim(message: messages.Add) -> files.Claim:
    fields: dict[str, Any] = {
        name: getattr(message, name) for name in ("name", "size", "content_type", "file_type", "variant_temp_id")
    }
    after = LAST if isinstance(message.after, msgspec.UnsetType) else message.after
    return files.Claim(id=message.file, after=after, **fields)
