"""When nothing is deleted, and the generation marker that shows it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.support.faults.database_copy import Copy
from tests.support.stores.reconcile import marks, run
from tests.support.stores.stray_objects import DAY, Disk, temp_key
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.models import File, StoreGeneration
from uploads.reconcile.cleanup import clean
from uploads.reconcile.rules import Stop
from uploads.reconcile.scan import scan


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    told = [json.loads(record.message) for record in caplog.records if record.levelno == logging.ERROR]
    return [facts["reason"] for facts in told if facts["event"] == "reconcile_stopped"]


def upload_after(make_driver: Callable[[], Driver], disk: Disk, count: int = 3) -> set[str]:
    """Files that are uploaded now, which an earlier copy of the database does not know."""
    driver = make_driver()
    before = disk.keys
    for _ in range(count):
        driver.shelve()
    new = disk.keys - before
    for key in new:
        disk.date(key, 0)
    return new


def test_a_restored_older_database_deletes_nothing_and_alarms(
    marked: None, make_driver, disk: Disk, service_clock: FakeClock, caplog
):
    backup = Copy()
    good = upload_after(make_driver, disk)
    service_clock.skip(DAY)
    # Nor does the copy know of a later run.
    assert run().marked
    run_jobs()
    service_clock.skip(DAY)
    backup.restore()
    before = disk.keys

    done = run()
    run_jobs()

    assert (done.deletes, done.stop, done.marked) == (0, Stop.RESTORED, False)
    assert alarms(caplog) == ["restored"]
    assert disk.keys == before
    assert good <= before


def test_a_restored_database_is_noticed_by_its_forgotten_files_where_no_run_was_between(
    marked: None, make_driver, disk: Disk, service_clock: FakeClock, caplog
):
    backup = Copy()
    good = upload_after(make_driver, disk)
    service_clock.skip(DAY)
    backup.restore()

    # However often it is retried: without a marker there is no progress by which they would become old.
    for _ in range(3):
        done = run()
        assert (done.deletes, done.stop, done.marked) == (0, Stop.UNNAMED, False)
        service_clock.skip(DAY)
    run_jobs()

    assert alarms(caplog) == ["unnamed"] * 3
    assert good <= disk.keys


def test_a_restored_database_is_noticed_at_once_when_its_forgotten_files_are_young(
    marked: None, make_driver, disk: Disk, service_clock: FakeClock
):
    """A marker set now would make them look older than itself tomorrow."""
    backup = Copy()
    good = upload_after(make_driver, disk)
    backup.restore()
    assert run().stop is Stop.UNNAMED
    service_clock.skip(DAY)
    assert run().stop is Stop.UNNAMED
    run_jobs()
    assert good <= disk.keys


def test_an_empty_database_on_a_used_store_deletes_nothing(marked: None, disk: Disk, service_clock: FakeClock):
    before = disk.keys
    Copy().erase()
    assert run().stop is Stop.RESTORED
    run_jobs()
    assert disk.keys == before


def test_a_site_that_was_never_marked_deletes_nothing_that_no_row_names(driver: Driver, disk: Disk, caplog):
    for _ in range(50):
        driver.shelve()
    disk.date_all()
    key = disk.plant(temp_key())
    assert run().stop is Stop.UNNAMED
    assert alarms(caplog) == ["unnamed"]
    assert key in disk.keys


def test_an_operator_who_trusts_the_database_goes_on(marked: None, make_driver, disk: Disk, service_clock: FakeClock):
    backup = Copy()
    forgotten = upload_after(make_driver, disk)
    service_clock.skip(DAY)
    run()
    service_clock.skip(DAY)
    backup.restore()

    done = run(trust=True)
    run_jobs()

    assert (done.deletes, done.marked) == (3, True)
    assert not forgotten & disk.keys
    # And is trusted from then on.
    assert run().stop is None


@pytest.mark.parametrize("confirmed", [0, 9, 10])
def test_too_many_orphans_are_deleted_only_when_so_many_are_meant(marked: None, disk: Disk, caplog, confirmed: int):
    keys = {disk.plant(temp_key()) for _ in range(10)}

    done = run(confirmed=confirmed)
    run_jobs()

    stopped = confirmed < 10
    assert done.stop is (Stop.TOO_MANY if stopped else None)
    assert (keys <= disk.keys) is stopped
    assert alarms(caplog) == (["too_many"] if stopped else [])


# --- The generation marker


def test_a_run_replaces_the_mark_by_one_put_and_one_delete(
    marked: None, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    before = marks(disk)
    assert run().marked
    run_jobs()
    after = marks(disk)
    assert (len(before), len(after)) == (1, 1)
    assert before != after
    assert dict(unreliable_store.calls) == {"put": 1, "destroy": 1}
    assert StoreGeneration.objects.get().generation == 2


def test_a_look_sets_no_mark(driver: Driver, disk: Disk):
    scan()
    assert (marks(disk), StoreGeneration.objects.count()) == ([], 0)


def test_a_mark_that_could_not_be_put_is_made_up_for_by_the_next_run(
    marked: None, disk: Disk, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put")
    done = run()
    assert (done.marked, done.trouble) == (False, "put: refused")
    # The old one still exists: the store is never without.
    assert len(marks(disk)) == 1

    assert run().marked
    run_jobs()
    assert len(marks(disk)) == 1
    assert StoreGeneration.objects.get().generation == 3


def test_a_listing_that_was_cut_short_sets_no_mark_but_what_is_known_to_be_old_goes(marked: None, disk: Disk):
    """An object that no run has seen may be one that was forgotten."""
    key = disk.plant(temp_key())
    found = scan()
    found.cut["media/temp_product_files/"] = "enough"
    done = clean(found)
    run_jobs()
    assert (done.deletes, done.marked) == (1, False)
    assert key not in disk.keys
    assert StoreGeneration.objects.get().generation == 1


def test_the_ids_of_marks_are_no_files(marked: None, disk: Disk):
    run()
    run_jobs()
    mark = StoreGeneration.objects.get()
    assert mark.token is not None
    assert not File.objects.filter(pk=UUID(str(mark.token))).exists()
