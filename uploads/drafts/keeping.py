"""*Keep*: retain a draft for longer than N because its owner asked, for example before lunch.

Counts in service time and only ever moves a deadline later. While a tab has the draft open there is no deadline; the
time counts from the request, not from when the tab closes.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from uploads import event_log
from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.states import DraftState
from uploads.drafts import lifecycle
from uploads.grace import clock, rules
from uploads.models import Draft

HOUR_MS = 3_600_000
BATCH = 200


def keep(draft_id: UUID, user: User) -> int:
    """Keep a live draft of `user` for `KEEP_HOURS` from now; return until when, in ms of S.

    Raises `Refusal` (``too_many_kept`` and those of a draft that is not live).
    """
    settings = upload_settings()
    # Lock the user, not only the draft: two drafts kept at once must not both be the last allowed one.
    with lifecycle.opening(user), lifecycle.changing(draft_id, user) as draft:
        s_ms = clock.service_now()
        others = Draft.objects.filter(owner=user, state__in=states.LIVE, keep_until_ms__gt=s_ms).exclude(pk=draft_id)
        if others.count() >= settings.limits.max_kept_drafts:
            raise Refusal(Code.TOO_MANY_KEPT)
        until_ms = rules.apply_keep(s_ms + settings.keep_hours * HOUR_MS, draft.keep_until_ms)
        kept = Draft.objects.filter(pk=draft_id)
        kept.update(keep_until_ms=until_ms)
        honour(kept)
    event_log.record("draft_kept", draft_id, user=user.pk, until_ms=until_ms)
    return until_ms


def honour(drafts: QuerySet[Draft]) -> int:
    """Extend the deadlines of those of `drafts` that are in grace to the time they are kept until; return how many."""
    sooner = drafts.filter(state=DraftState.GRACE, keep_until_ms__gt=F("deadline_ms"))
    return sooner.update(deadline_ms=F("keep_until_ms"))


def honour_all() -> int:
    """Repair what a server of the previous version left, which starts grace without considering *Keep*."""
    sooner = Draft.objects.filter(state=DraftState.GRACE, keep_until_ms__gt=F("deadline_ms"))
    found = list(sooner.values_list("pk", flat=True)[:BATCH])
    if not found:
        return 0
    with transaction.atomic():
        return honour(Draft.objects.filter(pk__in=found))
