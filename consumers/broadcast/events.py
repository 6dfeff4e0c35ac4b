"""The events of a draft for its tabs and the channel layer; each text is encoded once for all of them."""

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
"""A polling session has an `event` for the sockets of `draft_id`. Sent from any thread."""


def draft_group(draft_id: UUID) -> str:
    """Return the layer group of all sockets of a draft."""
    return f"draft-{draft_id}"


def read_snapshot(draft_id: UUID) -> Event | None:
    """Return the event with the current draft; None if it has ended."""
    draft = snapshot.read(draft_id, messages.Snapshot)
    if draft is None:
        return None
    text = messages.encode(draft)
    return {"type": "draft.snapshot", "revision": draft.revision, "sockets": draft.sockets, "text": text}


def read_end(draft_id: UUID) -> messages.Ended:
    """Return how the draft ended."""
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
    """Return the event for the end of the draft."""
    end = read_end(draft_id)
    return {"type": "draft.ended", "text": messages.encode(end), "close": int(end.close_code)}


def progress(file: UUID, received: int, size: int) -> Event:
    """Return the event for the progress of a transfer."""
    text = messages.encode(messages.Progress(file=file, received=received, size=size))
    return {"type": "draft.progress", "text": text}


def taken_over(file: UUID, epoch: int) -> Event:
    """Return the event for a tab that took over the transfer of `file`."""
    return {"type": "draft.taken", "file": str(file), "epoch": epoch}
