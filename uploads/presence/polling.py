"""Tabs without a socket: where WebSockets are blocked they ask over HTTP, and each request is a visit.

A visit keeps no draft open. The draft is in grace, and each request renews its deadline; a deadline is
never brought forward. The row of a visit says until when the tab was there, which is all that is known of it.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, QuerySet, Value
from django.db.models.functions import Greatest

from uploads import signals
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import Cause
from uploads.core.states import DraftState, FileState
from uploads.grace import clock
from uploads.grace.policy import grace_settings
from uploads.grace.rules import VISIT_MS
from uploads.models import Draft, File, Socket

PAUSE_MS = 1_000
"""The chunks of an upload are many requests a second; one of them is written down."""
BATCH = 200
MOST_TABS = 100
"""How many tabs may ask about one draft. Each is a row, and its id is the browser's to make up."""
QUIET_MS = 2 * VISIT_MS
"""A tab that was quiet so long counts no more, and what it was sending has been given up."""


def visit(draft_id: UUID, tab_id: UUID) -> None:
    """The tab `tab_id` (a UUID it made) asked about the draft: it is there, and the draft lives on.

    Raises `Refusal`: ``bad_message`` for an id that is not a visit of this draft, ``too_fast`` for one tab too many.
    """
    s_ms = clock.service_now()
    known = Socket.objects.filter(pk=tab_id).first()
    row = known or _first_visit(draft_id, tab_id, s_ms)
    if row.draft_id != draft_id or row.process_id is not None or row.closed_ms is None:
        raise Refusal(Code.BAD_MESSAGE, "This id belongs to another tab.")
    if known is None or row.closed_ms <= s_ms - PAUSE_MS:
        Socket.objects.filter(pk=tab_id).update(closed_ms=s_ms)
        _renew(draft_id, s_ms)


def _first_visit(draft_id: UUID, tab_id: UUID, s_ms: int) -> Socket:
    _make_room(draft_id, s_ms)
    visit = {"draft_id": draft_id, "process_id": None, "opened_ms": s_ms, "closed_ms": s_ms}
    return Socket.objects.get_or_create(pk=tab_id, defaults=visit)[0]


def _make_room(draft_id: UUID, s_ms: int) -> None:
    """Forget the tabs of the draft that have been quiet for longest, for a new one. Raises `Refusal`.

    Every reload makes a tab of its own. A tab that is forgotten here is a new one when it asks again.
    """
    known = Socket.objects.filter(draft=draft_id, process=None)
    if known.filter(closed_ms__gte=s_ms - QUIET_MS).count() >= MOST_TABS:
        # It may be a person all the same: the draft lives on.
        _renew(draft_id, s_ms)
        raise Refusal(Code.TOO_FAST, "This product is open in too many tabs. Close some and wait a minute.")
    surplus = known.order_by("-closed_ms").values_list("pk", flat=True)[MOST_TABS - 1 :]
    Socket.objects.filter(pk__in=list(surplus)).delete()


def _renew(draft_id: UUID, s_ms: int) -> None:
    """Whoever comes back later was away since now, and not since the last socket closed."""
    deadline = Greatest(F("deadline_ms"), Value(s_ms + grace_settings().request_milliseconds()))
    in_grace = Draft.objects.filter(pk=draft_id, state=DraftState.GRACE)
    in_grace.update(deadline_ms=deadline, grace_since_ms=s_ms, grace_cause=Cause.REQUEST)


def recent(s_ms: int) -> QuerySet[Socket]:
    """The visits of tabs that are probably still there at S = `s_ms`."""
    return Socket.objects.filter(process=None, closed_ms__gte=s_ms - VISIT_MS)


def promises(draft_ids: Collection[UUID]) -> dict[UUID, int]:
    """Until when (S) the visits of those of the drafts that had some keep them, should their last socket end now."""
    n_ms = grace_settings().request_milliseconds()
    seen = Socket.objects.filter(draft__in=draft_ids, process=None).values_list("draft").annotate(Max("closed_ms"))
    return {draft_id: last_ms + n_ms for draft_id, last_ms in seen}


def settle_quiet() -> int:
    """Files whose tab stopped asking are sent by nobody: say so in the other tabs; return how many drafts."""
    quiet = File.objects.filter(
        state=FileState.RECEIVING,
        writer__process=None,
        writer__closed_ms__lt=clock.service_now() - VISIT_MS,
        draft__state__in=states.LIVE,
    )
    draft_ids = set(quiet.values_list("draft_id", flat=True)[:BATCH])
    return sum(_settle(draft_id, quiet.filter(draft=draft_id)) for draft_id in draft_ids)


def _settle(draft_id: UUID, quiet: QuerySet[File]) -> bool:
    with transaction.atomic():
        # A row somebody holds right now comes up again in the next sweep; waiting would stop the heartbeat.
        live = Draft.objects.filter(pk=draft_id, state__in=states.LIVE)
        if live.select_for_update(skip_locked=True).first() is None:
            return False
        live.update(revision=F("revision") + 1)
        File.objects.filter(pk__in=list(quiet.values_list("pk", flat=True))).update(writer=None)
        signals.tell_tabs(draft_id)
    return True
