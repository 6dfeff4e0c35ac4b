"""Notify other users' open drafts of a target when somebody opens, edits or leaves it."""

from __future__ import annotations

import time
from uuid import UUID

from django.db.models import F, QuerySet

from uploads import signals
from uploads.core import states
from uploads.core.states import DraftState
from uploads.models import Draft

AGAIN_SECONDS = 60.0
"""Minimum seconds between two notifications about a user who keeps editing."""
DRAFTS_REMEMBERED = 1_000

_notified: dict[UUID, float] = {}
"""When this process last notified the others, by draft."""


def colleagues(draft: Draft) -> QuerySet[Draft]:
    """Return other users' live drafts of the same target; none for a target that does not exist yet."""
    others = Draft.objects.filter(target_kind=draft.target_kind, target_id=draft.target_id, state__in=states.LIVE)
    return others.exclude(target_id="").exclude(owner=draft.owner_id)


def editing(draft: Draft) -> QuerySet[Draft]:
    """Return those of them that a tab has open."""
    return colleagues(draft).filter(state=DraftState.OPEN)


def worked(draft: Draft) -> None:
    """Notify the others that the draft is being changed, after the transaction and at most once per `AGAIN_SECONDS`."""
    now = time.monotonic()
    if not draft.target_id or now - _notified.get(draft.pk, -AGAIN_SECONDS) < AGAIN_SECONDS:
        return
    if len(_notified) >= DRAFTS_REMEMBERED:
        _notified.clear()
    _notified[draft.pk] = now
    came_or_went(draft)


def came_or_went(draft: Draft) -> None:
    """Notify the others, after this transaction, that somebody opened or left the draft."""
    if draft.target_id:
        signals.after_commit(_tell, draft)


def _tell(draft: Draft) -> None:
    # One by one, and never holding two: two users who arrive at once must not wait for each other.
    for draft_id in colleagues(draft).values_list("pk", flat=True):
        if Draft.objects.filter(pk=draft_id, state__in=states.LIVE).update(revision=F("revision") + 1):
            signals.tell_tabs(draft_id)
