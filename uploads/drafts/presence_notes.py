"""Tells the open drafts of other people that somebody edits the same target, comes, or goes."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from uploads import signals
from uploads.core import states
from uploads.core.states import DraftState
from uploads.models import Draft

AGAIN_SECONDS = 60.0
"""How often the others hear of somebody who goes on working."""
DRAFTS_REMEMBERED = 1_000

_told: dict[UUID, float] = {}
"""When the others were told last by this process, by draft."""


def colleagues(draft: Draft) -> QuerySet[Draft]:
    """Other people's live drafts of the same target; of a target to be created there are none."""
    others = Draft.objects.filter(target_kind=draft.target_kind, target_id=draft.target_id, state__in=states.LIVE)
    return others.exclude(target_id="").exclude(owner=draft.owner_id)


def editing(draft: Draft, polled: QuerySet[Any, Any]) -> QuerySet[Draft]:
    """Those of them that somebody has open, with a socket or as one of the `polled` (ids of drafts)."""
    return colleagues(draft).filter(Q(state=DraftState.OPEN) | Q(pk__in=polled))


def worked(draft: Draft) -> None:
    """The draft is being changed: the others hear of it after that, now and then."""
    now = time.monotonic()
    if not draft.target_id or now - _told.get(draft.pk, -AGAIN_SECONDS) < AGAIN_SECONDS:
        return
    if len(_told) >= DRAFTS_REMEMBERED:
        _told.clear()
    _told[draft.pk] = now
    came_or_went(draft)


def came_or_went(draft: Draft) -> None:
    """Somebody opened or left the draft: the others hear of it after this transaction."""
    if draft.target_id:
        signals.after_commit(_tell, draft)


def _tell(draft: Draft) -> None:
    # One by one, and none that is held: two people who come at once must not wait for each other.
    for draft_id in colleagues(draft).values_list("pk", flat=True):
        if Draft.objects.filter(pk=draft_id, state__in=states.LIVE).update(revision=F("revision") + 1):
            signals.tell_tabs(draft_id)
