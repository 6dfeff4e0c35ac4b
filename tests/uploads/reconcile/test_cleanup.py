"""Deleting orphans: exactly those, never in doubt, and never what is needed again by then."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.support.stores.reconcile import marks, run
from tests.support.stores.stray_objects import FOLDER, Disk, temp_key
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core import small_pictures
from uploads.core.errors import Refusal
from uploads.core.states import DraftState, FileState
from uploads.drafts import lifecycle
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.files.operations import UploadRequest
from uploads.models import Draft, File, StoreJob
from uploads.reconcile.cleanup import clean
from uploads.reconcile.rules import Classification, Reason
from uploads.reconcile.scan import scan
from uploads.stores.registry import current_store


def test_two_hundred_orphans_go_and_nothing_else(
    driver: Driver, make_driver: Callable[[], Driver], disk: Disk, service_clock: FakeClock, user
):
    saved = [driver.shelve() for _ in range(30)]
    driver.commit()
    run_jobs()
    live, deleted = make_driver(), make_driver()
    waiting = [live.shelve() for _ in range(65)]
    live.remove(waiting[0])
    gone = [deleted.file(deleted.shelve()).store_key for _ in range(70)]
    lifecycle.discard(deleted.id, user)
    run_jobs()
    disk.date_all()
    dangling = waiting[10:60]
    for file_id in dangling:
        disk.remove(live.file(file_id).store_key)
    others = disk.keys | {
        *(disk.plant(temp_key("shop")) for _ in range(25)),
        *(disk.plant(f"{FOLDER}/{n}.jpg") for n in range(25)),
        disk.plant("media/banners/erp-summer.jpg"),
        disk.plant(f"media/product_files/7/erp-{uuid4()}.jpg"),
    }
    for key in gone:
        disk.plant(key)
    for file_id in saved:
        disk.plant(temp_key(file=file_id))
    for _ in range(100):
        disk.plant(temp_key())
    rows = set(File.objects.values_list("pk", "state", "store_key"))

    done = run(trust=True, confirmed=200)
    run_jobs()

    assert (done.deletes, done.stop) == (200, None)
    assert disk.keys - {*marks(disk)} == others
    adopted = File.objects.filter(draft__end_reason="orphan")
    assert adopted.count() == 100
    assert set(File.objects.difference(adopted).values_list("pk", "state", "store_key")) == rows
    assert not StoreJob.objects.exists()
    assert run().deletes == 0
    assert {one.file for one in scan().dangling} == {*dangling}


def test_an_orphan_without_a_row_gets_one_before_its_delete_and_goes_like_every_file(
    marked: None, disk: Disk, service_clock: FakeClock
):
    key = disk.plant(temp_key())

    assert run().deletes == 1
    file = File.objects.get(store_key=key)
    assert (file.state, file.draft.state) == (FileState.DELETING, DraftState.EXPIRING)
    assert key in disk.keys
    # Until the delete is carried out, the object is not found a second time.
    assert run().deletes == 0

    run_jobs()
    file.refresh_from_db()
    assert (file.state, file.draft.state) == (FileState.DELETED, DraftState.EXPIRED)
    assert key not in disk.keys


def test_a_delete_that_the_store_refuses_is_tried_again(
    marked: None, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    key = disk.plant(temp_key())
    unreliable_store.refuse("destroy")
    run()
    run_jobs()
    assert key in disk.keys
    service_clock.advance(10)
    run_jobs()
    assert key not in disk.keys


def test_the_rows_of_orphans_are_tidied_as_those_of_other_drafts(marked: None, disk: Disk):
    disk.plant(temp_key())
    run()
    run_jobs()
    orphans = Draft.objects.filter(end_reason="orphan")
    orphans.update(ended_at="2001-01-01T00:00:00Z")
    sweeper.garbage_collect()
    assert not orphans.exists()


def test_nobody_can_upload_under_the_id_of_an_orphan_that_goes(marked: None, disk: Disk, make_driver):
    """Its delete could come after the new bytes."""
    file_id = uuid4()
    disk.plant(temp_key(file=file_id))
    run()
    driver = make_driver()
    with pytest.raises(Refusal, match="id"):
        driver.add(id=file_id)


def test_an_id_that_was_taken_after_the_look_keeps_its_object(marked: None, disk: Disk, make_driver):
    driver = make_driver()
    file_id = uuid4()
    key = disk.plant(temp_key(file=file_id, folder=driver.draft.folder))
    found = scan()
    operations.add(
        driver.id, driver.user, UploadRequest(id=file_id, name="a.jpg", size=7, content_type="image/jpeg"), None
    )

    assert clean(found).deletes == 0
    run_jobs()

    assert key in disk.keys
    assert driver.file_state(file_id) == FileState.RECEIVING


@pytest.mark.parametrize("times", [1, 2])
def test_of_runs_at_once_each_orphan_is_one_runs(marked: None, disk: Disk, times: int):
    disk.plant(temp_key())
    looks = [scan() for _ in range(times)]
    done = [clean(found) for found in looks]
    run_jobs()
    assert [one.deletes for one in done] == [1, 0][:times]
    assert [one.marked for one in done] == [True, False][:times]
    assert len(marks(disk)) == 1


def test_the_delete_of_a_file_that_is_promoted_after_the_look_takes_no_saved_object(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    """What was classified is classified again in the current state."""
    file_id = driver.store()
    driver.commit()
    disk.date_all()
    found = scan()
    temp = driver.file(file_id).store_key
    run_jobs()
    clean(found)
    run_jobs()
    assert driver.file_state(file_id) == FileState.PERMANENT
    assert current_store().exists(driver.file(file_id).store_key)
    assert temp not in disk.keys


def test_what_was_an_orphan_at_the_look_is_judged_again(
    driver: Driver, disk: Disk, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    """Here the file is needed again; no code does that, but a row might be repaired by hand."""
    for _ in range(10):
        driver.shelve()
    file_id = driver.shelve()
    disk.date_all()
    File.objects.filter(pk=file_id).update(state=FileState.DELETED)
    found = scan()
    assert [one.reason for one in found.of(Classification.ORPHAN)] == [Reason.DELETED]
    File.objects.filter(pk=file_id).update(state=FileState.STORED)

    assert clean(found).deletes == 0
    run_jobs()
    assert current_store().exists(driver.file(file_id).store_key)


def test_an_expiry_after_the_look_is_deleted_once(driver: Driver, disk: Disk, service_clock: FakeClock):
    driver.store()
    disk.date_all()
    found = scan()
    driver.expire(service_clock)
    assert clean(found).deletes == 0
    assert StoreJob.objects.count() == 1
    run_jobs()
    assert driver.state == DraftState.EXPIRED


@pytest.mark.parametrize("backwards", [False, True])
def test_an_image_and_its_small_pictures_are_one_orphan(
    driver: Driver, disk: Disk, service_clock: FakeClock, backwards: bool
):
    """In whichever order the store lists them."""
    for _ in range(9):
        driver.shelve()
    file_id = driver.store()
    image = driver.file(file_id).store_key
    File.objects.filter(pk=file_id).update(state=FileState.DELETED)
    disk.date_all()
    found = scan()
    found.classified.sort(key=lambda one: one.listed.key, reverse=backwards)
    assert (len(found.of(Classification.ORPHAN)), found.orphans) == (3, 1)

    done = clean(found)
    run_jobs()

    assert (done.deletes, done.stop) == (1, None)
    assert disk.keys.isdisjoint({image, *small_pictures.keys(image)})
