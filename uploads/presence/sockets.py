"""Process leases, socket rows, and the grace of a draft without live sockets.

A socket is live while its row is open and its process's lease has not lapsed. Nothing relies on `disconnect` being
called: if it is lost, the lease runs out and the sweeper does the same.
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
    """Renew the process's lease. False if it had lapsed: the process was declared dead and must register again."""
    s_ms = clock.service_now()
    alive = Process.objects.filter(pk=process_id, lease_ms__gte=s_ms)
    return bool(alive.update(lease_ms=s_ms + LEASE_MS))


def drain(process_id: UUID) -> int:
    """Stop accepting sockets for the process and close those it has; return how many were open.

    One transaction and a few statements per `BATCH` of drafts: a shutdown has seconds for thousands of sockets.
    """
    Process.objects.filter(pk=process_id).update(draining=True)
    own = Socket.objects.filter(process=process_id, closed_ms=None)
    with transaction.atomic():
        # Lock the draft rows first and in id order, as for one socket, so that no connect or disconnect is missed.
        held = Draft.objects.filter(pk__in=own.values("draft"), state=DraftState.OPEN)
        left = list(held.select_for_update().order_by("pk").values_list("pk", flat=True))
        s_ms = clock.service_now()
        closed = _close(own, Cause.RESTART, s_ms)
        for at in range(0, len(left), BATCH):
            _leave_drafts(left[at : at + BATCH], s_ms)
    # Release its jobs so that another process can run them now instead of after the lease has run out.
    StoreJob.objects.filter(acquired_by=process_id).update(acquired_by=None)
    return closed


def _leave_drafts(draft_ids: Sequence[UUID], s_ms: int) -> None:
    """Start the grace of those of the locked drafts that have no live socket left."""
    Draft.objects.filter(pk__in=draft_ids).update(revision=F("revision") + 1)
    _fence_expired_leases(draft_ids, s_ms)
    elsewhere = set(live_sockets(s_ms).filter(draft__in=draft_ids).values_list("draft", flat=True))
    for draft_id in elsewhere:
        signals.tell_tabs(draft_id)
    alone = [draft_id for draft_id in draft_ids if draft_id not in elsewhere]
    _close(Socket.objects.filter(draft__in=alone), Cause.LAPSED, s_ms)
    _start_grace(alone, Cause.RESTART, s_ms)


def live_sockets(s_ms: int) -> QuerySet[Socket]:
    """Select the sockets that are live at S = `s_ms`."""
    return Socket.objects.filter(closed_ms=None, process__lease_ms__gte=s_ms)


def tabs(draft_id: UUID, s_ms: int) -> dict[UUID, UUID | None]:
    """Return the ids of the draft's live sockets with the ids of their tabs."""
    return dict(live_sockets(s_ms).filter(draft=draft_id).values_list("pk", "tab"))


def connect(draft_id: UUID, user: User, process_id: UUID, tab: UUID | None = None) -> UUID:
    """Open a socket on the draft, which makes the draft OPEN; return the socket's id.

    `tab` is an id chosen by the tab, so that a socket lost with its process is not counted beside its successor.

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
    """Close a socket; the last one of a draft starts its grace. Idempotent."""
    draft_id = Socket.objects.filter(pk=socket_id).values_list("draft_id", flat=True).first()
    if draft_id is None:
        return
    with transaction.atomic():
        # Lock the draft row first, or two tabs that close together would each still see the other (measured).
        if not Draft.objects.filter(pk=draft_id, state=DraftState.OPEN).update(revision=F("revision") + 1):
            _close(Socket.objects.filter(pk=socket_id), cause, clock.service_now())
            return
        s_ms = clock.service_now()
        _close(Socket.objects.filter(pk=socket_id), cause, s_ms)
        _fence_expired_leases([draft_id], s_ms)
        signals.tell_tabs(draft_id)
        _start_grace_if_alone(draft_id, cause, s_ms)


def close_strays(process_id: UUID, held: Collection[UUID]) -> int:
    """Close the process's open socket rows that are not in `held`; return how many.

    Their end was never recorded, because the database did not answer or the consumer was killed. Sockets younger than
    `STRAY_MS` are spared: they may not have been added to `held` yet.
    """
    old = Socket.objects.filter(process=process_id, closed_ms=None, opened_ms__lt=clock.service_now() - STRAY_MS)
    strays = list(old.exclude(pk__in=held).values_list("pk", flat=True))
    for socket_id in strays:
        disconnect(socket_id, Cause.LOST)
    return len(strays)


def close_lapsed() -> int:
    """Close the sockets of processes whose lease has lapsed; return how many drafts entered grace."""
    s_ms = clock.service_now()
    dead = Socket.objects.filter(draft=OuterRef("pk"), closed_ms=None, process__lease_ms__lt=s_ms)
    alive = live_sockets(s_ms).filter(draft=OuterRef("pk"))
    candidates = Draft.objects.filter(Exists(dead) | ~Exists(alive), state=DraftState.OPEN)
    return sum(_close_lapsed_in(draft_id) for draft_id in list(candidates.values_list("pk", flat=True)[:BATCH]))


def _close_lapsed_in(draft_id: UUID) -> bool:
    with transaction.atomic():
        # A locked row is picked up by the next sweep; waiting for it would stop the heartbeat.
        draft = Draft.objects.select_for_update(skip_locked=True).filter(pk=draft_id, state=DraftState.OPEN)
        if draft.first() is None:
            return False
        s_ms = clock.service_now()
        Draft.objects.filter(pk=draft_id).update(revision=F("revision") + 1)
        _fence_expired_leases([draft_id], s_ms)
        _close(Socket.objects.filter(draft=draft_id, process__lease_ms__lt=s_ms), Cause.LAPSED, s_ms)
        signals.tell_tabs(draft_id)
        return _start_grace_if_alone(draft_id, Cause.LAPSED, s_ms)


def _start_grace_if_alone(draft_id: UUID, cause: Cause, s_ms: int) -> bool:
    if live_sockets(s_ms).filter(draft=draft_id).exists():
        return False
    if _close(Socket.objects.filter(draft=draft_id), Cause.LAPSED, s_ms):
        # Another tab was lost with its process, so the longer grace applies.
        cause = Cause.LAPSED
    _start_grace([draft_id], cause, s_ms)
    # Skipped when a process drains: its tabs reconnect in a moment, and a shutdown has seconds for thousands.
    presence_notes.came_or_went(Draft.objects.get(pk=draft_id))
    return True


def _start_grace(draft_ids: Sequence[UUID], cause: Cause, s_ms: int) -> None:
    n_ms = grace_settings().milliseconds(cause)
    opened = Draft.objects.filter(pk__in=draft_ids)
    grace = partial(move, event=DraftEvent.LAST_SOCKET_CLOSED, grace_since_ms=s_ms, grace_cause=cause)
    # A tab without a socket may poll only once a minute, so the deadline guaranteed to its last request holds.
    for draft_id, guaranteed_ms in polling.guaranteed_until(draft_ids).items():
        grace(opened.filter(pk=draft_id), deadline_ms=max(s_ms + n_ms, guaranteed_ms))
    grace(opened, deadline_ms=s_ms + n_ms)
    keeping.honour(opened)
    for draft_id in draft_ids:
        event_log.record("grace_started", draft_id, cause=cause, n_ms=n_ms)


def _fence_expired_leases(draft_ids: Sequence[UUID], s_ms: int) -> None:
    """Fence expired processes of these drafts so that a renewal based on a stale S cannot revive them.

    A process suspended between reading S and renewing its lease would renew it on the older S and live on, with sockets
    that have been closed meanwhile. The lease is set back so far that even such a renewal leaves it lapsed.
    """
    long_lapsed_ms = s_ms - LEASE_MS - STEP_CAP_MS - 1
    of_drafts = Socket.objects.filter(draft__in=draft_ids, closed_ms=None).values("process")
    lapsed = Process.objects.filter(pk__in=of_drafts, lease_ms__lt=s_ms, lease_ms__gt=long_lapsed_ms)
    # Lock in one order, or two sweepers could deadlock.
    to_fence = list(lapsed.select_for_update().order_by("pk").values_list("pk", flat=True))
    Process.objects.filter(pk__in=to_fence, lease_ms__lt=s_ms).update(lease_ms=long_lapsed_ms)


def _close(sockets: QuerySet[Socket], cause: Cause, s_ms: int) -> int:
    """Close the open ones of `sockets`; return how many."""
    return sockets.filter(closed_ms=None).update(closed_ms=s_ms, closed_cause=cause)
