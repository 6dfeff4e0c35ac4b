"""Changing N live: what a change would do to the drafts in grace, and doing it in every process at once.

`grace.policy` reads the row with each use, so a committed change is obeyed by the next disconnect
anywhere. Open drafts get a new revision: the beacons then tell their tabs the new N.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from msgspec import Struct

from uploads import event_log, signals
from uploads.core.service_time import Cause
from uploads.core.states import LIVE, DraftState
from uploads.expiry import circuit_breaker
from uploads.grace import clock, disconnections
from uploads.grace.forecast import Forecast, simulate
from uploads.grace.policy import configured_grace, grace_settings
from uploads.grace.rules import GraceSettings, recompute_deadline
from uploads.models import Draft, LiveGrace

DECISIVE = ("state", "deadline_ms", "grace_since_ms", "grace_cause", "keep_until_ms")
BATCH = 500
"""Row by row 2,000 drafts took 2 s."""


class ChangeImpact(Struct, frozen=True):
    """What a change of N does."""

    before: GraceSettings
    after: GraceSettings
    in_grace: int
    """Drafts in grace: those it reaches."""
    sooner: int
    """Those that would expire sooner than they would have."""
    later: int
    earliest_ms: int | None
    """The earliest new deadline, in milliseconds from now; None without any draft in grace."""
    past: Forecast
    """What the new N would have done to the gaps on record."""


def preview(after: GraceSettings) -> ChangeImpact:
    """What changing N to `after` would do now; changes nothing."""
    waiting = list(Draft.objects.filter(state=DraftState.GRACE).only(*DECISIVE))
    return _impact(waiting, grace_settings(), after, clock.service_now(), _past(after))


def change(after: GraceSettings | None, by: str) -> ChangeImpact:
    """Put `after` (None: what the settings say) in force for everybody, drafts in grace included.

    `by` says who, for the log and the row. Nothing expires sooner than 60 s from now by it (or N, if shorter).
    """
    # Before anything is locked: ninety days of gaps may be many.
    past = _past(after or configured_grace())
    with transaction.atomic():
        s_ms = clock.lock()
        # In id order, as everybody locks more than one. Whoever starts a grace right now has read N already and
        # holds its draft: waiting for it here is what lets the change reach that draft too.
        live = list(Draft.objects.select_for_update().filter(state__in=LIVE).order_by("pk").only(*DECISIVE))
        before = grace_settings()
        _write(after, by)
        waiting = [draft for draft in live if draft.state == DraftState.GRACE]
        impact = _impact(waiting, before, grace_settings(), s_ms, past)
        _recompute_deadlines(waiting, before, impact.after, s_ms)
        _tell([draft for draft in live if draft.state == DraftState.OPEN])
        circuit_breaker.override(s_ms)
        facts = {"seconds": impact.after.seconds, "seconds_lost": impact.after.seconds_lost}
        was = {"seconds_before": before.seconds, "seconds_lost_before": before.seconds_lost}
        event_log.record("grace_changed", None, by=by, drafts=impact.in_grace, sooner=impact.sooner, **facts, **was)
    return impact


def _write(after: GraceSettings | None, by: str) -> None:
    if after is None:
        LiveGrace.objects.all().delete()
        return
    values = {"seconds": after.seconds, "seconds_lost": after.seconds_lost, "set_by": by[:150]}
    LiveGrace.objects.update_or_create(pk=1, defaults=values)


def _recompute_deadlines(waiting: Sequence[Draft], before: GraceSettings, after: GraceSettings, s_ms: int) -> None:
    for draft in waiting:
        draft.deadline_ms = _deadline(draft, before, after, s_ms)
    Draft.objects.bulk_update(waiting, ["deadline_ms"], batch_size=BATCH)


def _tell(opened: Sequence[Draft]) -> None:
    """Their tabs say how long the images are kept: a new revision makes the beacons look."""
    Draft.objects.filter(state=DraftState.OPEN).update(revision=F("revision") + 1)
    for draft in opened:
        signals.tell_tabs(draft.pk)


def _deadline(draft: Draft, before: GraceSettings, after: GraceSettings, s_ms: int) -> int:
    since_ms = s_ms if draft.grace_since_ms is None else draft.grace_since_ms
    cause, keep_until_ms = Cause(draft.grace_cause), draft.keep_until_ms
    return recompute_deadline(draft.deadline_ms or 0, since_ms, cause, before, after, s_ms, keep_until_ms)


def _past(after: GraceSettings) -> Forecast:
    return simulate(disconnections.recorded(), after)


def _impact(
    waiting: Sequence[Draft], before: GraceSettings, after: GraceSettings, s_ms: int, past: Forecast
) -> ChangeImpact:
    deadlines = [(draft.deadline_ms or 0, _deadline(draft, before, after, s_ms)) for draft in waiting]
    return ChangeImpact(
        before=before,
        after=after,
        in_grace=len(deadlines),
        sooner=sum(new < old for old, new in deadlines),
        later=sum(new > old for old, new in deadlines),
        earliest_ms=min((new - s_ms for _, new in deadlines), default=None),
        past=past,
    )
