"""Who is there: the processes by their leases, the sockets by their rows, and the grace of a draft without any.

A socket is live while its row is open and its process's lease has not lapsed. Nothing here relies on
a goodbye: `disconnect` may be lost, the lease then runs out and the sweeper does the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from uploads import event_log, signals
from uploads.conf import upload_settings
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import LEASE_MS, STEP_CAP_MS, Cause
from uploads.core.states import DraftEvent, DraftState
from uploads.drafts import keeping, lifecycle, presence_notes
from uploads.grace import clock, disconnections
from uploads.grace.policy import grace_settings
from uploads.models import Draft, Process, Socket, StoreJob
from uploads.presence import polling
from uploads.transitions import advance_locked, move

BATCH = 200
STRAY_MS = 30_000


def start_process() -> UUID:
    """Register a new incarnation of a server process and return its id."""
    return Process.objects.create(id=uuid4(), lease_ms=clock.service_now() + LEASE_MS).pk


@contextmanager
def temporary_worker() -> Iterator[Process]:
    """Register a process for the duration of one task outside a server process (a request, a command)."""
    process = Process.objects.get(pk=start_process())
    try:
        yield process
    finally:
        process.delete()


def renew_lease(process_id: UUID) -> bool:
    """Prove the process alive. False when its lease had lapsed: it was declared dead and must start anew."""
    s_ms = clock.service_now()
    alive = Process.objects.filter(pk=process_id, lease_ms__gte=s_ms)
    return bool(alive.update(lease_ms=s_ms + LEASE_MS))


def drain(process_id: UUID) -> int:
    """The process stops: it accepts no more sockets and its own are closed; return how many were open.

    One transaction and a few statements for each `BATCH` of drafts: a stop has seconds, and thousands of sockets.
    """
    Process.objects.filter(pk=process_id).update(draining=True)
    own = Socket.objects.filter(process=process_id, closed_ms=None)
    with transaction.atomic():
        # The draft rows first and in id order, as for one socket: no tab that comes or goes is overlooked.
        held = Draft.objects.filter(pk__in=own.values("draft"), state=DraftState.OPEN)
        left = list(held.select_for_update().order_by("pk").values_list("pk", flat=True))
        s_ms = clock.service_now()
        closed = _close(own, Cause.RESTART, s_ms)
        for at in range(0, len(left), BATCH):
            _leave(left[at : at + BATCH], s_ms)
    # What it had begun may be done again by the next process at once, not only when the lease has run out.
    StoreJob.objects.filter(acquired_by=process_id).update(acquired_by=None)
    return closed


def _leave(draft_ids: Sequence[UUID], s_ms: int) -> None:
    """Start the grace of those of the locked drafts that have no live socket any more."""
    Draft.objects.filter(pk__in=draft_ids).update(revision=F("revision") + 1)
    _bury_lapsed(draft_ids, s_ms)
    elsewhere = set(live_sockets(s_ms).filter(draft__in=draft_ids).values_list("draft", flat=True))
    for draft_id in elsewhere:
        signals.tell_tabs(draft_id)
    alone = [draft_id for draft_id in draft_ids if draft_id not in elsewhere]
    _close(Socket.objects.filter(draft__in=alone), Cause.LAPSED, s_ms)
    _start_grace(alone, Cause.RESTART, s_ms)


def live_sockets(s_ms: int) -> QuerySet[Socket]:
    """The sockets that are live at S = `s_ms`."""
    return Socket.objects.filter(closed_ms=None, process__lease_ms__gte=s_ms)


def tabs(draft_id: UUID, s_ms: int) -> dict[UUID, UUID | None]:
    """The live sockets of the draft, each with the id of its tab."""
    return dict(live_sockets(s_ms).filter(draft=draft_id).values_list("pk", "tab"))


def connect(draft_id: UUID, user: User, process_id: UUID, tab: UUID | None = None) -> UUID:
    """A tab opened a socket on the draft: it is OPEN now. Returns the socket's id.

    `tab` is the id that the tab gave itself: a socket that died with its process is not counted beside the new one.

    Raises `Refusal`: ``draft_not_found``, `AlreadyCommitted`, `DraftGone`, ``lease_lost``.
    """
    with lifecycle.changing(draft_id, user, use=False) as draft:
        s_ms = clock.service_now()
        if not Process.objects.filter(pk=process_id, lease_ms__gte=s_ms, draining=False).exists():
            raise Refusal(Code.LEASE_LOST)
        if live_sockets(s_ms).filter(draft__owner=user).count() >= upload_settings().limits.max_user_sockets:
            raise Refusal(Code.TOO_FAST, "You have too many tabs open. Close some of them.")
        if draft.state == DraftState.GRACE:
            presence_notes.came_or_went(draft)
            disconnections.record_return(draft, s_ms)
            advance_locked(draft, DraftEvent.CONNECT, deadline_ms=None, grace_since_ms=None)
        return Socket.objects.create(id=uuid4(), draft=draft, process_id=process_id, opened_ms=s_ms, tab=tab).pk


def disconnect(socket_id: UUID, cause: Cause) -> None:
    """A socket ended. The last one of a draft starts its grace; a second call changes nothing."""
    draft_id = Socket.objects.filter(pk=socket_id).values_list("draft_id", flat=True).first()
    if draft_id is None:
        return
    with transaction.atomic():
        # The draft row first, or two tabs that close together would each still see the other (measured).
        if not Draft.objects.filter(pk=draft_id, state=DraftState.OPEN).update(revision=F("revision") + 1):
            _close(Socket.objects.filter(pk=socket_id), cause, clock.service_now())
            return
        s_ms = clock.service_now()
        _close(Socket.objects.filter(pk=socket_id), cause, s_ms)
        _bury_lapsed([draft_id], s_ms)
        signals.tell_tabs(draft_id)
        _start_grace_if_alone(draft_id, cause, s_ms)


def close_strays(process_id: UUID, held: Collection[UUID]) -> int:
    """Close the process's sockets that it does not hold any more; return how many.

    Their end could not be written down: the database did not answer, or the consumer was killed. A
    socket younger than `STRAY_MS` may still be on its way into `held`.
    """
    old = Socket.objects.filter(process=process_id, closed_ms=None, opened_ms__lt=clock.service_now() - STRAY_MS)
    strays = list(old.exclude(pk__in=held).values_list("pk", flat=True))
    for socket_id in strays:
        disconnect(socket_id, Cause.LOST)
    return len(strays)


def settle_lapsed() -> int:
    """Close the sockets that died with their process; return how many drafts began their grace by that."""
    s_ms = clock.service_now()
    dead = Socket.objects.filter(draft=OuterRef("pk"), closed_ms=None, process__lease_ms__lt=s_ms)
    alive = live_sockets(s_ms).filter(draft=OuterRef("pk"))
    wronged = Draft.objects.filter(Exists(dead) | ~Exists(alive), state=DraftState.OPEN)
    return sum(_settle(draft_id) for draft_id in list(wronged.values_list("pk", flat=True)[:BATCH]))


def _settle(draft_id: UUID) -> bool:
    with transaction.atomic():
        # A row somebody holds right now comes up again in the next sweep; waiting would stop the heartbeat.
        draft = Draft.objects.select_for_update(skip_locked=True).filter(pk=draft_id, state=DraftState.OPEN)
        if draft.first() is None:
            return False
        s_ms = clock.service_now()
        Draft.objects.filter(pk=draft_id).update(revision=F("revision") + 1)
        _bury_lapsed([draft_id], s_ms)
        _close(Socket.objects.filter(draft=draft_id, process__lease_ms__lt=s_ms), Cause.LAPSED, s_ms)
        signals.tell_tabs(draft_id)
        return _start_grace_if_alone(draft_id, Cause.LAPSED, s_ms)


def _start_grace_if_alone(draft_id: UUID, cause: Cause, s_ms: int) -> bool:
    if live_sockets(s_ms).filter(draft=draft_id).exists():
        return False
    if _close(Socket.objects.filter(draft=draft_id), Cause.LAPSED, s_ms):
        # Another tab was not closed but lost with its process: it has the longer grace.
        cause = Cause.LAPSED
    _start_grace([draft_id], cause, s_ms)
    # Not when a process stops: its tabs are back in a moment, and it has seconds for thousands of them.
    presence_notes.came_or_went(Draft.objects.get(pk=draft_id))
    return True


def _start_grace(draft_ids: Sequence[UUID], cause: Cause, s_ms: int) -> None:
    n_ms = grace_settings().milliseconds(cause)
    opened = Draft.objects.filter(pk__in=draft_ids)
    grace = partial(move, event=DraftEvent.LAST_SOCKET_CLOSED, grace_since_ms=s_ms, grace_cause=cause)
    # A tab that asks over HTTP may ask only once a minute: what its last request was promised still counts.
    for draft_id, promised_ms in polling.guaranteed_until(draft_ids).items():
        grace(opened.filter(pk=draft_id), deadline_ms=max(s_ms + n_ms, promised_ms))
    grace(opened, deadline_ms=s_ms + n_ms)
    keeping.honour(opened)
    for draft_id in draft_ids:
        event_log.record("grace_started", draft_id, cause=cause, n_ms=n_ms)


def _bury_lapsed(draft_ids: Sequence[UUID], s_ms: int) -> None:
    """The processes of these drafts that are dead at S = `s_ms` stay dead, whatever S they read themselves.

    A process that stops between reading S and renewing its lease renews it on an older S, and would live on
    with sockets that were closed meanwhile. Set back so far, a lease that is renewed so has lapsed all the same.
    """
    long_lapsed_ms = s_ms - LEASE_MS - STEP_CAP_MS - 1
    of_drafts = Socket.objects.filter(draft__in=draft_ids, closed_ms=None).values("process")
    lapsed = Process.objects.filter(pk__in=of_drafts, lease_ms__lt=s_ms, lease_ms__gt=long_lapsed_ms)
    # In one order, or two sweepers could wait for each other.
    doomed = list(lapsed.select_for_update().order_by("pk").values_list("pk", flat=True))
    Process.objects.filter(pk__in=doomed, lease_ms__lt=s_ms).update(lease_ms=long_lapsed_ms)


def _close(sockets: QuerySet[Socket], cause: Cause, s_ms: int) -> int:
    """Close those of `sockets` that are open; return how many."""
    return sockets.filter(closed_ms=None).update(closed_ms=s_ms, closed_cause=cause)
