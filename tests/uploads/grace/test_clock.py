from __future__ import annotations

import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from tests.verification.races import race
from uploads.core.service_time import CLOCK_BACK_MS, OUTAGE_MS, STEP_CAP_MS, Cause
from uploads.grace import clock
from uploads.grace.rules import FLOOR_MS
from uploads.models import Draft, LiveGrace, ServiceClock
from uploads.presence import sockets


@pytest.mark.django_db(transaction=True)
def test_the_database_tells_the_wall_clock_in_milliseconds():
    assert abs(clock.database_now_ms() - time.time() * 1000) < 5_000


@pytest.mark.django_db(transaction=True)
def test_the_clock_begins_with_the_first_look_at_it(service_clock: FakeClock):
    assert clock.service_now() == 0
    service_clock.now_ms += 500
    assert clock.service_now() == 500


@pytest.mark.django_db(transaction=True)
def test_service_time_is_read_between_ticks(service_clock: FakeClock):
    """The bare column lags by up to a second, so a deadline would fire early."""
    service_clock.advance(10)
    service_clock.now_ms += 700

    assert clock.service_now() == 10_700
    assert ServiceClock.objects.get().s_ms == 10_000


@pytest.mark.django_db(transaction=True)
def test_reading_does_not_tick(service_clock: FakeClock):
    service_clock.advance(2)
    service_clock.outage(3600)

    assert [clock.service_now() for _ in range(5)] == [2_000 + STEP_CAP_MS] * 5


@pytest.mark.django_db(transaction=True)
def test_an_outage_of_any_length_moves_service_time_by_one_step(service_clock: FakeClock):
    service_clock.advance(10)
    service_clock.outage(100 * 3600)

    assert clock.tick() == 10_000 + STEP_CAP_MS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("jump_ms", [-3_600_000, -CLOCK_BACK_MS, -1])
def test_a_database_clock_that_falls_back_only_delays(service_clock: FakeClock, jump_ms: int):
    before = service_clock.advance(10)

    service_clock.now_ms += jump_ms
    assert clock.tick() == before
    service_clock.advance(10)

    assert clock.service_now() <= before + 10_000


@pytest.mark.django_db(transaction=True)
def test_many_tickers_move_service_time_no_faster_than_one(service_clock: FakeClock):
    service_clock.advance(2)
    service_clock.now_ms += 1_000

    race(*[clock.tick] * 6)

    assert clock.service_now() == 3_000


@pytest.mark.django_db(transaction=True)
def test_the_first_readers_at_once_make_one_row(service_clock: FakeClock):
    assert race(*[clock.service_now] * 4) == [0] * 4
    assert ServiceClock.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_tick_whose_write_fails_does_not_move_service_time(service_clock: FakeClock):
    clock.tick()
    service_clock.now_ms += 1_000
    holding, release = threading.Event(), threading.Event()

    def hold_the_clock() -> None:
        with transaction.atomic():
            ServiceClock.objects.select_for_update().get()
            holding.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=hold_the_clock)
    holder.start()
    assert holding.wait(30)
    try:
        if connection.vendor == "sqlite":
            # PostgreSQL gives up after its lock_timeout, SQLite only after 20 s.
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError, match=r"database is locked|lock timeout"):
            clock.tick()
    finally:
        release.set()
        holder.join()
        connection.close()

    assert ServiceClock.objects.get().s_ms == 0


# --- The re-arrival floor


def left_of(driver: Driver) -> int:
    deadline = driver.draft.deadline_ms
    assert deadline is not None
    return deadline - clock.service_now()


@pytest.mark.parametrize(("cause", "n_ms"), [(Cause.CLEAN, 10_000), (Cause.LOST, 20_000)])
def test_after_an_outage_a_draft_in_grace_has_at_least_its_floor(
    driver: Driver, service_clock: FakeClock, cause: Cause, n_ms: int
):
    process = sockets.start_process()
    sockets.disconnect(driver.connect(process), cause)
    service_clock.advance(n_ms / 1000 - 1)
    assert left_of(driver) == 1_000

    service_clock.outage(3600)
    clock.tick()

    assert left_of(driver) == n_ms


@pytest.mark.parametrize("cause", list(Cause))
def test_the_floor_is_for_every_cause_and_follows_an_n_set_live(driver: Driver, service_clock: FakeClock, cause: Cause):
    LiveGrace.objects.create(pk=1, seconds=30, seconds_lost=90)
    Draft.objects.update(grace_cause=cause, deadline_ms=clock.service_now() + 1_000)

    service_clock.outage(6)
    clock.tick()

    assert left_of(driver) == (30_000 if cause in {Cause.CLEAN, Cause.REQUEST} else FLOOR_MS)


@pytest.mark.parametrize("duration_ms", [OUTAGE_MS, OUTAGE_MS + 1])
def test_only_a_gap_of_more_than_five_seconds_is_an_outage(driver: Driver, service_clock: FakeClock, duration_ms: int):
    Draft.objects.update(deadline_ms=clock.service_now() + 3_000)

    service_clock.now_ms += duration_ms
    clock.tick()

    assert left_of(driver) == (1_000 if duration_ms == OUTAGE_MS else 10_000)


def test_a_held_clock_ticks_after_the_transaction_and_not_in_it(service_clock: FakeClock, transactional_db: None):
    clock.tick()
    service_clock.now_ms += 1_500
    ticked = threading.Event()

    def tick() -> None:
        clock.tick()
        ticked.set()
        connection.close()

    with transaction.atomic():
        assert clock.lock() == 1_500
        ticker = threading.Thread(target=tick)
        ticker.start()
        assert not ticked.wait(0.2)
        assert ServiceClock.objects.get().s_ms == 0
    ticker.join()
    assert ServiceClock.objects.get().s_ms == 1_500


def test_the_floor_of_a_long_grace_is_a_minute(driver: Driver, service_clock: FakeClock, settings):
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 300}
    driver.abandon()
    service_clock.advance(299)

    service_clock.outage(10)
    clock.tick()

    assert left_of(driver) == FLOOR_MS


def test_the_floor_shortens_no_deadline(driver: Driver, service_clock: FakeClock):
    Draft.objects.update(deadline_ms=10**9)
    service_clock.outage(3600)

    clock.tick()

    assert driver.draft.deadline_ms == 10**9


def test_without_an_outage_there_is_no_floor(driver: Driver, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(9)
    assert left_of(driver) == 1_000


def test_the_floor_gives_no_deadline_to_an_open_draft(driver: Driver, service_clock: FakeClock):
    driver.connect(sockets.start_process())
    service_clock.outage(3600)

    clock.tick()

    assert driver.draft.deadline_ms is None
