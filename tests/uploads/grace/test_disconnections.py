from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.support.time.service_clock import FakeClock
from tests.support.wire.desk import Desk
from uploads.core.service_time import Cause
from uploads.expiry import sweeper
from uploads.grace import disconnections
from uploads.grace.forecast import Disconnection, simulate
from uploads.grace.rules import GraceSettings
from uploads.models import DisconnectionRecord, LiveGrace
from uploads.presence import sockets


def test_a_draft_that_expires_leaves_the_time_it_was_kept_and_what_it_held(
    desk: Desk, process: UUID, service_clock: FakeClock
):
    file_id = desk.store()
    sockets.disconnect(desk.connect(process), Cause.LOST)
    DisconnectionRecord.objects.all().delete()
    service_clock.advance(23)

    sweeper.sweep()

    assert disconnections.recorded() == [
        Disconnection(desk.id, Cause.LOST, 23_000, returned=False, bytes=desk.file(file_id).size)
    ]


def test_a_save_without_a_socket_is_a_return(desk: Desk, process: UUID, service_clock: FakeClock):
    """The browser closes its socket when it submits the form, so a shorter N would have lost that product."""
    sockets.disconnect(desk.connect(process), Cause.CLEAN)
    DisconnectionRecord.objects.all().delete()
    service_clock.advance(2)

    desk.commit()

    assert disconnections.recorded() == [Disconnection(desk.id, Cause.CLEAN, 2_000)]


def test_a_save_with_a_socket_leaves_no_gap(desk: Desk, process: UUID):
    desk.connect(process)
    DisconnectionRecord.objects.all().delete()
    desk.commit()
    assert disconnections.recorded() == []


def test_facts_outlive_their_draft_and_are_forgotten_after_ninety_days(desk: Desk, process: UUID):
    desk.connect(process)
    desk.draft.delete()
    DisconnectionRecord.objects.update(recorded_at=timezone.now() - timedelta(days=disconnections.KEPT_DAYS - 1))
    disconnections.purge_old()
    assert len(disconnections.recorded()) == 1

    DisconnectionRecord.objects.update(recorded_at=timezone.now() - timedelta(days=disconnections.KEPT_DAYS + 1))
    sweeper.garbage_collect()
    assert disconnections.recorded() == []


@pytest.mark.parametrize("n", [3, 6, 9])
def test_what_is_foreseen_for_an_n_is_what_that_n_does(
    make_desk, process: UUID, service_clock: FakeClock, settings, n: int
):
    """The same disconnections twice: recorded under a long N, and replayed under the N in question."""
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 3600, "GRACE_SECONDS_LOST": 3600}
    away = [(1, 2), (5, 6), (8,), (2, 4), (12, 1), (6, 6)]
    live_through([make_desk() for _ in away], away, process, service_clock)
    foreseen = simulate(disconnections.recorded(), GraceSettings(n, n)).lost

    LiveGrace.objects.create(pk=1, seconds=n, seconds_lost=n)
    desks = [make_desk() for _ in away]
    live_through(desks, away, process, service_clock)

    assert sum(desk.state != "open" for desk in desks) == foreseen == sum(max(gap) >= n for gap in away)


def live_through(desks: list[Desk], away: list[tuple[int, ...]], process: UUID, service_clock: FakeClock) -> None:
    """Close each tab, cleanly and by loss in turn, and reconnect as long as its draft lives."""
    for desk, seconds_away in zip(desks, away, strict=True):
        tab = desk.connect(process)
        for number, seconds in enumerate(seconds_away):
            sockets.disconnect(tab, Cause.LOST if number % 2 else Cause.CLEAN)
            service_clock.advance(seconds, alive=[process])
            sweeper.sweep()
            if desk.state != "grace":
                break
            tab = desk.connect(process)
