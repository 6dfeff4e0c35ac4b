"""The store was changed while work on the previous one was pending: no job is presumed done, no image is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.stores.stray_objects import Disk
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core import small_pictures
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.models import StoreJob
from uploads.reconcile.scan import scan
from uploads.runtime.status import status
from uploads.stores.retry import CAP_MS

Change = Callable[[str], None]


@pytest.fixture
def change_store(settings: Settings, tmp_path: Path) -> Change:
    """Makes another disk the current store, or the first one again."""
    new = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "new", "base_url": "/"},
    }

    def change(alias: str) -> None:
        settings.STORAGES = {**settings.STORAGES, "new_disk": new}
        store = {"BACKEND": "uploads.stores.django_storage.DjangoStorageStore", "OPTIONS": {"alias": alias}}
        settings.UPLOADS = {**settings.UPLOADS, "STORE": store}

    return change


def test_promotions_and_deletes_wait_for_the_store_that_has_the_object(
    make_driver: Callable[[], Driver], disk: Disk, service_clock: FakeClock, change_store: Change
):
    saved, gone = make_driver(), make_driver()
    kept, doomed = saved.store("kept.jpg"), gone.store("doomed.jpg")
    saved.commit()
    lifecycle.discard(gone.id, gone.user)
    before = disk.keys

    change_store("new_disk")
    run_jobs()

    assert (saved.file_state(kept), gone.file_state(doomed)) == (FileState.LINKED, FileState.DELETING)
    assert disk.keys == before
    reason = "its object is in another store: storage draft_uploads, not storage new_disk"
    assert set(StoreJob.objects.values_list("kind", "error")) == {("promote", reason), ("destroy", reason)}
    assert status()["elsewhere"] == {"storage draft_uploads": 2}

    change_store("draft_uploads")
    service_clock.advance(CAP_MS / 1000)
    run_jobs()

    assert (saved.file_state(kept), gone.file_state(doomed)) == (FileState.PERMANENT, FileState.DELETED)
    key = saved.file(kept).store_key
    assert disk.keys == {key, *small_pictures.keys(key)}
    assert status()["elsewhere"] == {}


def test_files_of_drafts_are_counted_before_anything_is_done_to_them(driver: Driver, change_store: Change):
    driver.store()
    assert status()["elsewhere"] == {}
    change_store("new_disk")
    assert status()["elsewhere"] == {"storage draft_uploads": 1}


def test_what_another_store_has_is_not_missing_in_this_one(driver: Driver, disk: Disk, change_store: Change):
    driver.store("1.jpg")
    driver.commit()
    run_jobs()
    missing = [one.key for one in scan().dangling]
    (key,) = (key for key in disk.keys if not small_pictures.is_small(key))
    disk.remove(key)
    missing += [one.key for one in scan().dangling]
    change_store("new_disk")
    found = scan()
    assert len(missing) == 1
    assert (found.dangling, found.not_looked_for, found.files) == ([], 0, 0)


def test_an_image_that_waits_to_be_stored_goes_into_the_store_in_force(
    driver: Driver, disk: Disk, change_store: Change
):
    file_id = driver.upload()
    change_store("new_disk")
    run_jobs()
    assert (driver.file_state(file_id), driver.file(file_id).store_name) == (FileState.STORED, "storage new_disk")
    assert disk.keys == set()


def test_another_account_of_cloudinary_is_another_store(
    use_cloudinary: Callable[..., Cloud], monkeypatch: pytest.MonkeyPatch, driver: Driver
):
    cloud = use_cloudinary()
    file_id = driver.store()
    monkeypatch.setenv("CLOUDINARY_URL", cloud.url.replace(f"@{cloud.name}", "@other"))
    use_cloudinary()
    lifecycle.discard(driver.id, driver.user)
    run_jobs()

    assert driver.file_state(file_id) == FileState.DELETING
    assert status()["elsewhere"] == {f"cloudinary {cloud.name}": 1}
    assert len(cloud.ids()) == 1
