"""The small pictures of an image live and die with it, also where an older server works beside this one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.metadata_checks import opened
from tests.support.images.pictures import picture
from tests.support.stores.reconcile import run
from tests.support.stores.stray_objects import Disk
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core import small_pictures
from uploads.core.errors import Code
from uploads.core.small_pictures import WIDTHS
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.drafts.commit import release
from uploads.files import http_upload
from uploads.jobs import effects, queue, runner
from uploads.models import File, StoreJob
from uploads.presence import sockets
from uploads.reconcile.rules import Classification, Reason
from uploads.reconcile.scan import scan
from uploads.stores.base import StoreError
from uploads.stores.retry import LATE_MS

LATE_SECONDS = LATE_MS / 1000


def objects(driver: Driver, *file_ids: UUID) -> set[str]:
    """The keys of all that the files have in the store."""
    found = [driver.file(file_id).store_key for file_id in file_ids]
    return {key for image in found for key in (image, *small_pictures.keys(image))}


def test_they_are_stored_beside_the_image_before_it_counts_as_stored(driver: Driver, disk: Disk):
    file_id = driver.store(content=picture(width=1600, height=1000))

    file = driver.file(file_id)
    assert file.has_small_pictures
    assert disk.keys == objects(driver, file_id)
    for width in WIDTHS:
        shown = opened(disk.read(small_pictures.key(file.store_key, width)))
        assert (shown.format, shown.size) == ("WEBP", (width, width * 10 // 16))
    assert list(spool.directory().glob(f"{file_id}*")) == []


def test_those_of_a_file_sent_in_one_request_are_stored_too(driver: Driver, disk: Disk):
    upload = SimpleUploadedFile("mug.jpg", picture(), "image/jpeg")
    file_id = http_upload.accept(driver.id, driver.user, upload, ("main_image", None), None).file
    assert driver.file(file_id).has_small_pictures
    assert disk.keys == objects(driver, file_id)


def test_they_are_promoted_with_it_and_leave_nothing_behind(driver: Driver, disk: Disk):
    file_id = driver.store()
    before = objects(driver, file_id)
    driver.commit()
    run_jobs()

    assert driver.file_state(file_id) == FileState.PERMANENT
    assert driver.file(file_id).has_small_pictures
    assert disk.keys == objects(driver, file_id)
    assert disk.keys.isdisjoint(before)


def test_a_store_that_moves_objects_moves_them_too(driver: Driver, disk: Disk, unreliable_store: UnreliableStore):
    unreliable_store.moving = True
    file_id = driver.store()
    driver.commit()
    run_jobs()
    assert disk.keys == objects(driver, file_id)


def discarded(driver: Driver, _: UUID) -> None:
    lifecycle.discard(driver.id, driver.user)


def purged(driver: Driver, file_id: UUID) -> None:
    driver.remove(file_id)
    driver.purge(file_id)


def released(driver: Driver, file_id: UUID) -> None:
    driver.commit()
    run_jobs()
    release([file_id])


@pytest.mark.parametrize("end", [discarded, purged, released], ids=lambda end: end.__name__)
def test_they_go_with_it(driver: Driver, disk: Disk, end: Callable[[Driver, UUID], None]):
    file_id = driver.store()
    end(driver, file_id)
    run_jobs()
    assert driver.file_state(file_id) == FileState.DELETED
    assert disk.keys == set()


def test_they_go_with_an_expired_draft(driver: Driver, disk: Disk, service_clock: FakeClock):
    driver.store()
    driver.expire(service_clock)
    run_jobs()
    assert disk.keys == set()


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_a_put_that_fails_half_way_is_put_again(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock, refused: int
):
    """The image, the first small picture or the second."""
    file_id = driver.upload()
    calls: list[int] = []

    def fail_at() -> None:
        calls.append(1)
        if len(calls) == refused:
            unreliable_store.lose_answers("put")
        else:
            unreliable_store.before["put"] = fail_at

    unreliable_store.before["put"] = fail_at
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORING
    service_clock.advance(1)
    run_jobs()

    assert driver.file(file_id).has_small_pictures
    assert disk.keys == objects(driver, file_id)


def test_those_of_a_killed_process_go_with_a_second_delete(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    """It was killed after it had put the first one, which nobody recorded; and more land after the first delete."""
    file_id = driver.upload()
    job = queue.acquire(sockets.start_process())
    assert job is not None

    def kill() -> None:
        raise KeyboardInterrupt

    unreliable_store.after["put"] = lambda: unreliable_store.after.update(put=kill)
    with pytest.raises(KeyboardInterrupt):
        runner.run(job)
    late = disk.keys
    assert len(late) == 2
    lifecycle.discard(driver.id, driver.user)
    service_clock.advance(20)
    run_jobs()
    assert disk.keys == set()
    for key in objects(driver, file_id):
        disk.plant(key)

    service_clock.skip(LATE_SECONDS)
    run_jobs()
    assert disk.keys == set()


def test_a_small_picture_that_is_missing_keeps_no_image_from_its_place(driver: Driver, disk: Disk):
    file_id = driver.store()
    disk.remove(small_pictures.key(driver.file(file_id).store_key, 1280))
    driver.commit()
    run_jobs()

    file = driver.file(file_id)
    assert (file.state, file.has_small_pictures) == (FileState.PERMANENT, False)
    assert disk.keys == objects(driver, file_id) - {small_pictures.key(file.store_key, 1280)}
    release([file_id])
    run_jobs()
    assert disk.keys == set()


def test_a_store_that_is_down_during_a_promotion_loses_none(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    file_id = driver.store()
    driver.commit()
    unreliable_store.after["promote"] = lambda: unreliable_store.refuse("promote")
    run_jobs()
    assert driver.file_state(file_id) == FileState.LINKED
    service_clock.advance(1)
    run_jobs()
    assert driver.file(file_id).has_small_pictures
    assert disk.keys == objects(driver, file_id)


REFUSED = StoreError("too small", refused=Code.SERVER_ERROR)
REJECTED = StoreError("not this one", answered=True)


def test_a_small_picture_that_the_store_refuses_costs_no_image(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore
):
    file_id = driver.upload()
    unreliable_store.after["put"] = lambda: unreliable_store.fail("put", REFUSED)
    run_jobs()

    assert driver.file_state(file_id) == FileState.STORED
    assert not driver.file(file_id).has_small_pictures
    assert not StoreJob.objects.exists()
    assert disk.keys == {driver.file(file_id).store_key}


def test_a_small_picture_that_the_store_will_not_promote_keeps_no_image_from_its_place(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore
):
    file_id = driver.store()
    driver.commit()
    unreliable_store.after["promote"] = lambda: unreliable_store.fail("promote", REJECTED)
    run_jobs()

    file = driver.file(file_id)
    assert (file.state, file.has_small_pictures) == (FileState.PERMANENT, False)
    assert disk.keys == {file.store_key}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_destroy_of_one_that_is_shown_is_not_carried_out(driver: Driver, disk: Disk, width: int):
    """No code writes such a job; here somebody does it by hand."""
    file = driver.file(driver.store())
    key = small_pictures.key(file.store_key, width)
    StoreJob.objects.create(kind=StoreJob.Kind.DESTROY, file=file, key=key, not_before_ms=0)
    run_jobs()
    assert key in disk.keys


def test_a_store_that_scales_images_gets_none(use_cloudinary: Callable[..., Cloud], driver: Driver):
    cloud = use_cloudinary()
    file_id = driver.store()
    assert len(cloud.ids()) == 1
    assert not driver.file(file_id).has_small_pictures
    lifecycle.discard(driver.id, driver.user)
    run_jobs()
    assert cloud.ids() == []


# --- A server of the previous version beside this one


@pytest.fixture
def previous(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the previous version carry out the jobs from here on: it knows of no small pictures."""

    def become() -> None:
        monkeypatch.setattr(effects, "_put_small", lambda _: False)
        monkeypatch.setattr(effects, "_small_of", lambda _: [])
        monkeypatch.setattr(effects, "_promote_small", lambda *_: True)

    return become


def orphans() -> dict[str, Reason]:
    return {one.listed.key: one.reason for one in scan().of(Classification.ORPHAN)}


def test_what_it_stores_has_none_and_is_promoted_and_deleted_as_ever(
    driver: Driver, disk: Disk, previous: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as context:
        context.setattr(effects, "_put_small", lambda _: False)
        file_id = driver.store()
    driver.commit()
    run_jobs()
    assert disk.keys == {driver.file(file_id).store_key}
    release([file_id])
    run_jobs()
    assert disk.keys == set()


def test_what_it_leaves_at_a_promotion_and_a_delete_are_orphans_that_go(
    make_driver: Callable[[], Driver], disk: Disk, previous: Callable[[], None], service_clock: FakeClock
):
    saved, gone, live = make_driver(), make_driver(), make_driver()
    for _ in range(50):
        live.shelve()
    file_id, lost = saved.store(), gone.store()
    left = {key for one in (saved.file(file_id), gone.file(lost)) for key in small_pictures.keys(one.store_key)}
    kept = live.store()
    previous()
    saved.commit()
    lifecycle.discard(gone.id, gone.user)
    run_jobs()
    service_clock.skip(LATE_SECONDS)
    disk.date_all()
    before = disk.keys

    assert left <= before
    assert set(orphans()) == left
    assert run(trust=True, confirmed=2).deletes == 2
    run_jobs()

    assert disk.keys & before == before - left
    assert objects(live, kept) <= disk.keys


def test_orphans_that_no_row_names_go_together(driver: Driver, disk: Disk):
    for _ in range(50):
        driver.shelve()
    file_id = driver.store()
    lost = objects(driver, file_id)
    StoreJob.objects.all().delete()
    File.objects.filter(pk=file_id).delete()
    disk.date_all()

    assert orphans() == dict.fromkeys(lost, Reason.NO_ROW)
    assert run(trust=True, confirmed=1).deletes == 1
    run_jobs()
    assert disk.keys.isdisjoint(lost)
