"""The events of a draft as they go to its tabs: through the channel layer, each text encoded once for all of them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.dispatch import Signal

from consumers.protocol import messages
from uploads import snapshot
from uploads.drafts import lifecycle
from uploads.models import Draft

Event = dict[str, Any]

from_polling = Signal()
"""A tab without a socket has an `event` for the sockets of `draft_id`. Sent from any thread."""


def draft_group(draft_id: UUID) -> str:
    """The layer group of all sockets of a draft."""
    return f"draft-{draft_id}"


def read_snapshot(draft_id: UUID) -> Event | None:
    """The event that shows the draft as it is now; None once it has ended."""
    draft = snapshot.read(draft_id, messages.Snapshot)
    if draft is None:
        return None
    text = messages.encode(draft)
    return {"type": "draft.snapshot", "revision": draft.revision, "sockets": draft.sockets, "text": text}


def read_end(draft_id: UUID) -> messages.Ended:
    """How the draft ended."""
    draft = Draft.objects.filter(pk=draft_id).select_related("commit_record").first()
    if draft is None:
        return messages.Ended(reason="expired", by="", url="", names=[])
    record = getattr(draft, "commit_record", None)
    if record is not None:
        return messages.Ended(reason="committed", by=draft.ended_by, url=record.url, names=[])
    reason: Literal["discarded", "expired"] = "discarded" if draft.end_reason in lifecycle.DELIBERATE else "expired"
    deleted = draft.end_reason == lifecycle.TARGET_DELETED
    names = draft.lost_names
    return messages.Ended(reason=reason, by=draft.ended_by, url="", names=names, deleted=deleted)


def ended(draft_id: UUID) -> Event:
    """The event that says how the draft ended."""
    end = read_end(draft_id)
    return {"type": "draft.ended", "text": messages.encode(end), "close": int(end.close_code)}


def progress(file: UUID, received: int, size: int) -> Event:
    """A transfer went on."""
    text = messages.encode(messages.Progress(file=file, received=received, size=size))
    return {"type": "draft.progress", "text": text}


def taken(file: UUID, epoch: int) -> Event:
    """A tab took the transfer of `file` over."""
    return {"type": "draft.taken", "file": str(file), "epoch": epoch}
