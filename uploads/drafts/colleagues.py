"""Other users' live drafts of a target: list their owners, and end the drafts when the target is deleted."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from uploads import signals
from uploads.core import states
from uploads.core.states import DraftEvent, DraftState
from uploads.drafts import lifecycle
from uploads.drafts.form_state import display_name
from uploads.drafts.unsaved import untouched
from uploads.models import Draft
from uploads.permissions import Target


def editors(target: Target, user: User) -> list[str]:
    """Return the names of other users who are editing `target` or left unsaved changes of it, sorted."""
    drafts = list(_live(target).exclude(owner=user).select_related("owner"))
    idle = {draft.pk for draft in untouched(draft for draft in drafts if draft.state == DraftState.GRACE)}
    return sorted({display_name(draft.owner) for draft in drafts if draft.owner and draft.pk not in idle})


def target_deleted(target: Target, user: User) -> None:
    """End all drafts of a target that `user` deletes, after the caller's transaction; their pages keep the text.

    Afterwards, because the caller holds the target's row, and a user saving one of the drafts holds the draft and waits
    for the target.
    """
    for draft_id in _live(target).values_list("pk", flat=True):
        signals.after_commit(_end, draft_id, user)


def _end(draft_id: UUID, user: User) -> None:
    with transaction.atomic():
        if Draft.objects.filter(pk=draft_id, state__in=states.LIVE).update(revision=F("revision") + 1):
            draft = Draft.objects.get(pk=draft_id)
            lifecycle.end(draft, DraftEvent.DISCARD, reason=lifecycle.TARGET_DELETED, by=display_name(user))


def _live(target: Target) -> QuerySet[Draft]:
    return Draft.objects.filter(target_kind=target.kind, target_id=target.id, state__in=states.LIVE)
