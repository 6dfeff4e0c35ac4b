from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from tests.verification.races import Races, race
from uploads import spool
from uploads.core.service_time import LEASE_MS, Cause
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.models import Draft, File, IdempotencyRecord, Process, ServiceClock, Socket, StoreJob
from uploads.presence import polling, sockets
from uploads.stores.registry import current_store


@pytest.mark.parametrize(("cause", "seconds"), [(Cause.CLEAN, 10), (Cause.LOST, 20)])
def test_the_grace_of_each_cause_is_granted_in_full(
    driver: Driver, process: UUID, service_clock: FakeClock, cause: Cause, seconds: int
):
    sockets.disconnect(driver.connect(process), cause)
    service_clock.advance(seconds - 0.001)
    assert sweeper.sweep().expired == 0
    service_clock.advance(0.001)
    assert sweeper.sweep().expired == 1


def test_an_open_draft_never_expires(driver: Driver, service_clock: FakeClock):
    living = sockets.start_process()
    driver.connect(living)
    service_clock.advance(600, alive=[living])
    before = driver.draft.revision
    assert sweeper.sweep() == sweeper.Swept(lapsed=0, expired=0, jobs_due=False)
    assert (driver.state, driver.draft.revision) == ("open", before)


def test_an_outage_expires_nothing(driver: Driver, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(9)
    service_clock.outage(100 * 3600)
    clock.tick()
    assert sweeper.sweep().expired == 0
    service_clock.advance(9)
    assert sweeper.sweep().expired == 0
    service_clock.advance(1)
    assert sweeper.sweep().expired == 1


def test_a_killed_process_costs_its_lease_and_then_the_grace_of_a_loss(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    driver.connect(process)
    service_clock.advance(LEASE_MS / 1000 + 1)
    assert sweeper.sweep().lapsed == 1
    service_clock.advance(19)
    assert sweeper.sweep().expired == 0
    service_clock.advance(1)
    assert sweeper.sweep().expired == 1


def test_expiry_and_the_decision_to_delete_are_one_and_the_bytes_follow(driver: Driver, service_clock: FakeClock):
    file_id = driver.store()
    key = driver.file(file_id).store_key
    driver.expire(service_clock)

    assert (driver.state, driver.file_state(file_id)) == ("expiring", FileState.DELETING)
    assert [(job.kind, job.key) for job in StoreJob.objects.all()] == [("destroy", key)]
    assert current_store().exists(key)
    assert sweeper.sweep().jobs_due

    run_jobs()
    assert (driver.state, driver.file_state(file_id)) == ("expired", FileState.DELETED)
    assert not current_store().exists(key)
    assert not sweeper.sweep().jobs_due


def test_every_kind_of_file_goes_with_its_draft(driver: Driver, service_clock: FakeClock):
    removed, _, rejected = driver.store("a.jpg"), driver.store("b.jpg"), driver.upload("c.jpg", b"no image")
    run_jobs()
    receiving, checking = driver.add("d.jpg").file, driver.upload("e.jpg")
    driver.remove(removed)
    assert driver.file_state(rejected) == FileState.REJECTED
    assert driver.file_state(receiving) == FileState.RECEIVING

    driver.expire(service_clock)
    run_jobs()

    assert driver.state == "expired"
    assert {file.state for file in driver.draft.files.all()} == {FileState.DELETED}
    assert not current_store().exists(driver.file(checking).store_key)


def test_one_sweep_takes_a_batch_and_the_next_one_the_rest(
    make_driver: Callable[[], Driver], service_clock: FakeClock, settings
):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_drafts": 1000}}
    for _ in range(sweeper.BATCH + 3):
        make_driver()
    Draft.objects.update(deadline_ms=0)
    assert [sweeper.sweep().expired for _ in range(3)] == [sweeper.BATCH, 3, 0]


def test_the_most_overdue_drafts_go_first(make_driver: Callable[[], Driver], monkeypatch: pytest.MonkeyPatch):
    drivers = [make_driver() for _ in range(3)]
    for place, driver in enumerate(drivers):
        Draft.objects.filter(pk=driver.id).update(deadline_ms=-place)
    monkeypatch.setattr(sweeper, "BATCH", 1)
    sweeper.sweep()
    assert [driver.state for driver in drivers] == ["grace", "grace", "expired"]


def test_a_draft_that_cannot_be_expired_keeps_no_other_waiting(
    make_driver: Callable[[], Driver], monkeypatch: pytest.MonkeyPatch
):
    cursed, other = make_driver(), make_driver()
    Draft.objects.update(deadline_ms=0)
    expire = sweeper._expire

    def fail(draft_id: UUID) -> bool:
        if draft_id == cursed.id:
            raise ZeroDivisionError
        return expire(draft_id)

    monkeypatch.setattr(sweeper, "_expire", fail)
    assert sweeper.sweep().expired == 1
    assert (cursed.state, other.state) == ("grace", "expired")


def test_a_job_that_is_not_due_wakes_no_runner(driver: Driver, settings):
    settings.UPLOADS = {**settings.UPLOADS, "PROMOTE_DELAY_SECONDS": 60}
    driver.store()
    driver.commit()
    assert not sweeper.sweep().jobs_due


# --- Races


def test_many_sweepers_expire_each_draft_once(make_driver: Callable[[], Driver], service_clock: FakeClock):
    for _ in range(10):
        drivers = [make_driver() for _ in range(4)]
        for driver in drivers:
            driver.store()
        Draft.objects.filter(pk__in=[driver.id for driver in drivers]).update(deadline_ms=0)

        swept = race(*[sweeper.sweep] * 3)

        assert sum(one.expired for one in swept) == len(drivers)
        assert StoreJob.objects.count() == len(drivers)
        run_jobs()


def test_a_save_and_an_expiry_have_one_winner(
    make_driver: Callable[[], Driver], service_clock: FakeClock, races: Races
):
    kept, lost = set(), set()
    for _ in races.rounds(3000):
        driver, host = make_driver(), Host()
        file_id = driver.shelve()
        Draft.objects.filter(pk=driver.id).update(deadline_ms=0)

        results = races.race(save=partial(driver.commit, host), expiry=sweeper.sweep)

        if driver.state == "committed":
            assert (len(host.plans), driver.file_state(file_id)) == (1, FileState.LINKED)
            assert results["expiry"].expired == 0
            kept.add(file_id)
            races.won("save")
        else:
            assert isinstance(results["save"], DraftGone)
            assert (driver.state, host.plans, driver.file_state(file_id)) == ("expiring", [], FileState.DELETING)
            lost.add(file_id)
            races.won("expiry")
    run_jobs()
    files = File.objects.in_bulk(kept | lost)
    assert {files[file_id].state for file_id in kept} == {FileState.PERMANENT}
    assert {files[file_id].state for file_id in lost} == {FileState.DELETED}
    assert {file.pk for file in files.values() if current_store().exists(file.store_key)} == kept


def test_a_save_between_the_look_for_overdue_drafts_and_their_expiry_keeps_every_byte(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    file_id = driver.store()
    Draft.objects.filter(pk=driver.id).update(deadline_ms=0)
    expire = sweeper._expire

    def too_late(draft_id: UUID) -> bool:
        driver.commit()
        return expire(draft_id)

    monkeypatch.setattr(sweeper, "_expire", too_late)
    assert sweeper.sweep().expired == 0

    # The draft was left alone, not rolled back by a later guard.
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert (driver.state, driver.file_state(file_id)) == ("committed", FileState.LINKED)
    assert current_store().exists(driver.file(file_id).store_key)


def test_a_double_save_makes_one_product_and_both_learn_its_page(make_driver: Callable[[], Driver], races: Races):
    for _ in races.rounds(1000):
        driver, host = make_driver(), Host()

        results = races.race(first=partial(driver.commit, host), second=partial(driver.commit, host))

        assert len(host.plans) == 1
        assert {result.url for result in results.values()} == {"/products/7/"}
        assert sum(isinstance(result, AlreadyCommitted) for result in results.values()) == 1
        races.won("second" if isinstance(results["first"], AlreadyCommitted) else "first")


# --- Deleting old rows


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_spool_without_a_file_goes_after_an_hour(driver: Driver):
    stray, young = uuid4(), uuid4()
    for file_id in (stray, young):
        spool.Writer(file_id, 1, 10).close()
    age(spool.path_of(stray, 1), sweeper.STRAY_SECONDS + 1)
    sweeper.garbage_collect()

    assert spool.latest(stray) is None
    assert spool.latest(young) is not None


def test_the_spool_of_a_file_that_is_still_wanted_stays_however_old(driver: Driver):
    wanted = driver.upload()
    path = spool.latest(wanted)
    assert path is not None
    age(path, 1_000_000)
    sweeper.garbage_collect()

    assert spool.latest(wanted) == path


def test_a_process_that_is_long_dead_and_its_sockets_go(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.connect(process)
    driver.abandon()
    ServiceClock.objects.update(s_ms=F("s_ms") + sweeper.DAY_MS + LEASE_MS + 1)
    sweeper.garbage_collect()

    assert not Process.objects.filter(pk=process).exists()


def test_a_socket_and_a_visit_that_ended_long_ago_go_and_others_stay(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    going, staying = driver.connect(process), driver.connect(process)
    sockets.disconnect(going, Cause.CLEAN)
    polling.touch(driver.id, uuid4())
    service_clock.advance(1)
    ServiceClock.objects.update(s_ms=F("s_ms") + sweeper.DAY_MS)
    Process.objects.update(lease_ms=clock.service_now())
    recent = uuid4()
    polling.touch(driver.id, recent)

    sweeper.garbage_collect()

    assert set(Socket.objects.values_list("pk", flat=True)) == {staying, recent}


def test_an_expired_draft_is_forgotten_after_thirty_days(driver: Driver):
    driver.store()
    lifecycle.discard(driver.id, driver.user)
    run_jobs()
    Draft.objects.update(ended_at=timezone.now() - timedelta(days=sweeper.KEPT_DAYS - 1))
    sweeper.garbage_collect()
    assert driver.state == "expired"
    Draft.objects.update(ended_at=timezone.now() - timedelta(days=sweeper.KEPT_DAYS + 1))
    sweeper.garbage_collect()

    assert not Draft.objects.filter(pk=driver.id).exists()


def test_answers_to_commands_are_forgotten_with_their_draft(make_driver: Callable[[], Driver]):
    ended, live = make_driver(), make_driver()
    for driver in (ended, live):
        driver.variants("red")
    lifecycle.discard(ended.id, ended.user, "op")
    sweeper.garbage_collect()

    assert [record.draft_id for record in IdempotencyRecord.objects.all()] == [live.id]
