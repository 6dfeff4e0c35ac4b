"""Polling sessions: tabs that use HTTP requests where WebSockets are blocked.

A polling session keeps no draft open. The draft is in grace and each request extends its deadline, never shortens it.
A session is a `Socket` row without a process, and its ``closed_ms`` is the time of the last request.
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
from uploads.drafts import presence_notes
from uploads.grace import clock
from uploads.grace.policy import grace_settings
from uploads.grace.rules import POLLING_TIMEOUT_MS
from uploads.models import Draft, File, Socket

TOUCH_INTERVAL_MS = 1_000
"""Write at most one touch a second: an upload sends many chunks in that time."""
BATCH = 200
MAX_TABS = 100
"""Active polling sessions of one draft. Each costs a row, and browsers choose the ids themselves."""
IDLE_MS = 2 * POLLING_TIMEOUT_MS
"""A session idle for this long no longer counts; its transfers have been reaped by then."""

_polled: frozenset[UUID] | None = None
"""The drafts of edited targets that had active sessions when this process looked last; None before it did."""


def touch(draft_id: UUID, tab_id: UUID) -> None:
    """Record a request of the tab `tab_id` (a UUID chosen by the tab) and extend the draft's deadline.

    Raises `Refusal`: ``bad_message`` if the id is not a polling session of this draft, ``too_fast`` at `MAX_TABS`.
    """
    s_ms = clock.service_now()
    known = Socket.objects.filter(pk=tab_id).first()
    row = known or _create_session(draft_id, tab_id, s_ms)
    if row.draft_id != draft_id or row.process_id is not None or row.closed_ms is None:
        raise Refusal(Code.BAD_MESSAGE, "This id belongs to another tab.")
    if known is None or row.closed_ms <= s_ms - TOUCH_INTERVAL_MS:
        Socket.objects.filter(pk=tab_id).update(closed_ms=s_ms)
        _renew(draft_id, s_ms)


def _create_session(draft_id: UUID, tab_id: UUID, s_ms: int) -> Socket:
    _make_room(draft_id, s_ms)
    session = {"draft_id": draft_id, "process_id": None, "opened_ms": s_ms, "closed_ms": s_ms}
    return Socket.objects.get_or_create(pk=tab_id, defaults=session)[0]


def _make_room(draft_id: UUID, s_ms: int) -> None:
    """Delete the draft's longest idle sessions beyond `MAX_TABS`. Raises `Refusal` if too many are active.

    Every reload starts a new session. A deleted session starts again with the tab's next request.
    """
    known = Socket.objects.filter(draft=draft_id, process=None)
    if known.filter(closed_ms__gte=s_ms - IDLE_MS).count() >= MAX_TABS:
        # A real user may be behind this request, so the deadline is extended even now.
        _renew(draft_id, s_ms)
        raise Refusal(Code.TOO_FAST, "This product is open in too many tabs. Close some and wait a minute.")
    surplus = known.order_by("-closed_ms").values_list("pk", flat=True)[MAX_TABS - 1 :]
    Socket.objects.filter(pk__in=list(surplus)).delete()


def _renew(draft_id: UUID, s_ms: int) -> None:
    """Extend the deadline and restart the disconnection now, because the tab was present until this request."""
    deadline = Greatest(F("deadline_ms"), Value(s_ms + grace_settings().request_milliseconds()))
    in_grace = Draft.objects.filter(pk=draft_id, state=DraftState.GRACE)
    in_grace.update(deadline_ms=deadline, grace_since_ms=s_ms, grace_cause=Cause.REQUEST)


def active(s_ms: int) -> QuerySet[Socket]:
    """Select the sessions with a request in the `POLLING_TIMEOUT_MS` before S = `s_ms`."""
    return Socket.objects.filter(process=None, closed_ms__gte=s_ms - POLLING_TIMEOUT_MS)


def tell_colleagues(s_ms: int) -> None:
    """Notify the colleagues of polling tabs that appeared or went idle since the last call in this process."""
    global _polled
    before = _polled
    _polled = frozenset(active(s_ms).exclude(draft__target_id="").values_list("draft", flat=True))
    for draft in Draft.objects.filter(pk__in=_polled ^ (_polled if before is None else before)):
        presence_notes.came_or_went(draft)


def guaranteed_until(draft_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return, per draft with polling sessions, the deadline (S) that their last request guarantees."""
    n_ms = grace_settings().request_milliseconds()
    seen = Socket.objects.filter(draft__in=draft_ids, process=None).values_list("draft").annotate(Max("closed_ms"))
    return {draft_id: last_ms + n_ms for draft_id, last_ms in seen}


def reap_idle() -> int:
    """Detach the transfers of idle sessions and notify the other tabs; return how many drafts changed."""
    idle = File.objects.filter(
        state=FileState.RECEIVING,
        writer__process=None,
        writer__closed_ms__lt=clock.service_now() - POLLING_TIMEOUT_MS,
        draft__state__in=states.LIVE,
    )
    draft_ids = set(idle.values_list("draft_id", flat=True)[:BATCH])
    return sum(_detach_writers(draft_id, idle.filter(draft=draft_id)) for draft_id in draft_ids)


def _detach_writers(draft_id: UUID, idle: QuerySet[File]) -> bool:
    with transaction.atomic():
        # A locked row is picked up by the next sweep; waiting for it would stop the heartbeat.
        live = Draft.objects.filter(pk=draft_id, state__in=states.LIVE)
        if live.select_for_update(skip_locked=True).first() is None:
            return False
        live.update(revision=F("revision") + 1)
        File.objects.filter(pk__in=list(idle.values_list("pk", flat=True))).update(writer=None)
        signals.tell_tabs(draft_id)
    return True
