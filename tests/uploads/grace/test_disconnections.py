from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads.core.service_time import Cause
from uploads.expiry import sweeper
from uploads.grace import disconnections
from uploads.grace.forecast import Disconnection, simulate
from uploads.grace.rules import GraceSettings
from uploads.models import DisconnectionRecord, LiveGrace
from uploads.presence import sockets


def test_a_draft_that_expires_leaves_the_time_it_was_kept_and_what_it_held(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    file_id = driver.store()
    sockets.disconnect(driver.connect(process), Cause.LOST)
    DisconnectionRecord.objects.all().delete()
    service_clock.advance(23)

    sweeper.sweep()

    assert disconnections.recorded() == [
        Disconnection(driver.id, Cause.LOST, 23_000, returned=False, bytes=driver.file(file_id).size)
    ]


def test_a_save_without_a_socket_is_a_return(driver: Driver, process: UUID, service_clock: FakeClock):
    """The browser closes its socket when it submits the form, so a shorter N would have lost that product."""
    sockets.disconnect(driver.connect(process), Cause.CLEAN)
    DisconnectionRecord.objects.all().delete()
    service_clock.advance(2)

    driver.commit()

    assert disconnections.recorded() == [Disconnection(driver.id, Cause.CLEAN, 2_000)]


def test_a_save_with_a_socket_leaves_no_gap(driver: Driver, process: UUID):
    driver.connect(process)
    DisconnectionRecord.objects.all().delete()
    driver.commit()
    assert disconnections.recorded() == []


def test_facts_outlive_their_draft_and_are_forgotten_after_ninety_days(driver: Driver, process: UUID):
    driver.connect(process)
    driver.draft.delete()
    DisconnectionRecord.objects.update(recorded_at=timezone.now() - timedelta(days=disconnections.KEPT_DAYS - 1))
    disconnections.purge_old()
    assert len(disconnections.recorded()) == 1

    DisconnectionRecord.objects.update(recorded_at=timezone.now() - timedelta(days=disconnections.KEPT_DAYS + 1))
    sweeper.garbage_collect()
    assert disconnections.recorded() == []


@pytest.mark.parametrize("n", [3, 6, 9])
def test_what_is_foreseen_for_an_n_is_what_that_n_does(
    make_driver, process: UUID, service_clock: FakeClock, settings, n: int
):
    """The same disconnections twice: recorded under a long N, and replayed under the N in question."""
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 3600, "GRACE_SECONDS_LOST": 3600}
    away = [(1, 2), (5, 6), (8,), (2, 4), (12, 1), (6, 6)]
    live_through([make_driver() for _ in away], away, process, service_clock)
    foreseen = simulate(disconnections.recorded(), GraceSettings(n, n)).lost

    LiveGrace.objects.create(pk=1, seconds=n, seconds_lost=n)
    drivers = [make_driver() for _ in away]
    live_through(drivers, away, process, service_clock)

    assert sum(driver.state != "open" for driver in drivers) == foreseen == sum(max(gap) >= n for gap in away)


def live_through(drivers: list[Driver], away: list[tuple[int, ...]], process: UUID, service_clock: FakeClock) -> None:
    """Close each tab, cleanly and by loss in turn, and reconnect as long as its draft lives."""
    for driver, seconds_away in zip(drivers, away, strict=True):
        tab = driver.connect(process)
        for number, seconds in enumerate(seconds_away):
            sockets.disconnect(tab, Cause.LOST if number % 2 else Cause.CLEAN)
            service_clock.advance(seconds, alive=[process])
            sweeper.sweep()
            if driver.state != "grace":
                break
            tab = driver.connect(process)
