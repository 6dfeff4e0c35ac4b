"""Room is reserved with a file's row: never twice, never all of it for one user, and released by its state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from tests.support.images.pictures import picture
from tests.support.wire.draft_driver import PRODUCT, Driver, run_jobs
from tests.verification.races import race
from uploads import api, spool
from uploads.core.errors import Code, Refusal
from uploads.core.room import COPIES, RESERVE_BYTES, SMALL_BYTES, Disk
from uploads.core.states import FileState
from uploads.drafts import form_state, lifecycle
from uploads.files import http_upload, operations
from uploads.models import File

SIZE = 1000


def limit(settings: Settings, **storage: int) -> None:
    settings.UPLOADS = {**settings.UPLOADS, "STORAGE_LIMITS": storage}


def refused(call: Callable[[], Any]) -> bool:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code == Code.STORAGE_FULL


def test_of_fifty_adds_at_once_for_the_last_room_exactly_one_succeeds(
    make_driver: Callable[[], Driver], settings: Settings
):
    """In ten drafts, so that none waits for another's lock."""
    for quota in ("max_spool_bytes", "max_temp_bytes"):
        drivers = [make_driver() for _ in range(10)]
        drivers[0].add(size=5 * SIZE)
        limit(settings, **{quota: 2 * 6 * SIZE})

        answers = race(*[partial(driver.add, size=SIZE) for driver in drivers for _ in range(5)])

        given = [answer for answer in answers if not isinstance(answer, Exception)]
        refusals = {answer.code for answer in answers if isinstance(answer, Refusal)}
        assert (len(given), refusals) == (1, {Code.STORAGE_FULL})
        for driver in drivers:
            lifecycle.discard(driver.id, driver.user)
        run_jobs()


@pytest.mark.parametrize("quota", ["max_files", "max_draft_bytes"])
def test_of_fifty_adds_at_once_for_the_last_place_of_a_draft_exactly_one_succeeds(
    driver: Driver, settings: Settings, quota: str
):
    driver.add(size=SIZE)
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {quota: {"max_files": 2, "max_draft_bytes": 2 * SIZE}[quota]}}

    answers = race(*[partial(driver.add, size=SIZE) for _ in range(50)])

    assert [isinstance(answer, Refusal) for answer in answers].count(False) == 1
    assert File.objects.count() == 2


def test_no_user_gets_the_room_of_all_others(driver: Driver, other_user: User, settings: Settings):
    limit(settings, max_spool_bytes=4 * SIZE)
    for _ in range(2):
        driver.add(size=SIZE)
    assert refused(partial(driver.add, size=SIZE))

    with lifecycle.opening(other_user):
        theirs = Driver(other_user, lifecycle.open_new(other_user, PRODUCT).pk)
    theirs.add(size=SIZE)
    assert refused(partial(theirs.add, size=SIZE))


def test_an_add_that_is_repeated_promises_nothing_more(driver: Driver, settings: Settings):
    limit(settings, max_spool_bytes=2 * SIZE)
    file_id = uuid4()
    for _ in range(3):
        driver.add(size=SIZE, id=file_id)


def stored(driver: Driver) -> None:
    File.objects.update(state=FileState.STORED)


def removed(driver: Driver) -> None:
    driver.remove(File.objects.get().pk)


def discarded(driver: Driver) -> None:
    lifecycle.discard(driver.id, driver.user)


@pytest.mark.parametrize("end", [stored, removed, discarded], ids=lambda end: end.__name__)
def test_room_is_given_back_with_the_state_of_its_file(
    make_driver: Callable[[], Driver], settings: Settings, end: Callable[[Driver], None]
):
    first, second = make_driver(), make_driver()
    size = len(picture())
    limit(settings, max_spool_bytes=2 * size)
    first.add(size=size)
    assert refused(partial(second.add, size=size))

    end(first)
    second.add(size=size)


def test_what_is_stored_and_not_saved_counts_against_the_temp_folder(driver: Driver, settings: Settings):
    size = len(picture())
    driver.store()
    limit(settings, max_temp_bytes=2 * size)
    assert refused(partial(driver.add, size=size))

    driver.commit()
    limit(settings, max_temp_bytes=2 * size - 1)
    assert File.objects.get().state == FileState.LINKED


def test_a_file_sent_in_one_request_needs_room_too(driver: Driver, settings: Settings):
    limit(settings, max_spool_bytes=2 * len(picture()) - 1)
    upload = SimpleUploadedFile("mug.jpg", picture(), "image/jpeg")
    assert refused(lambda: http_upload.accept(driver.id, driver.user, upload, ("main_image", None), None))
    assert (File.objects.count(), list(spool.directory().iterdir())) == (0, [])


def test_the_small_pictures_need_room_on_the_disk(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    """Those of every file that is not stored yet; the limit of the spool is about what is sent."""
    free = RESERVE_BYTES + COPIES * 2 * 3 * (SIZE + SMALL_BYTES)
    monkeypatch.setattr(spool, "disk", lambda: Disk(total=0, free=free, spooled=0))
    for _ in range(3):
        driver.add(size=SIZE)
    assert refused(partial(driver.add, size=SIZE))


def test_writing_stops_before_the_reserve_of_the_database(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    """Another program fills the disk: reservations no longer hold, but acknowledged bytes stay."""
    lease = driver.add(size=SIZE)
    assert lease.epoch is not None
    writer = spool.Writer(lease.file, lease.epoch, SIZE)
    writer.write(0, memoryview(bytes(10)))
    with monkeypatch.context() as patch:
        patch.setattr("uploads.core.room.RESERVE_BYTES", 1 << 62)
        assert refused(lambda: writer.write(10, memoryview(bytes(10))))
    assert Path(writer.path).stat().st_size == writer.offset == 10
    assert writer.write(10, memoryview(bytes(10))) == 20
    writer.close()


def test_an_image_is_not_copied_into_the_reserve_and_can_be_retried(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    file_id = driver.upload()
    with monkeypatch.context() as patch:
        patch.setattr("uploads.core.room.RESERVE_BYTES", 1 << 62)
        run_jobs()
    file = driver.file(file_id)
    assert (file.state, file.error_code) == (FileState.REJECTED, Code.STORAGE_FULL)

    operations.retry(driver.id, driver.user, file_id, uuid4())
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED


def test_what_is_kept_on_request_keeps_its_room_and_kept_text_takes_none(
    make_driver: Callable[[], Driver], settings: Settings
):
    first, second = make_driver(), make_driver()
    limit(settings, max_temp_bytes=2 * SIZE)
    first.add(size=SIZE)
    form_state.note(first.id, first.user, {"title": ["Mug"]})
    api.keep(first.user, first.id)
    assert refused(partial(second.add, size=SIZE))

    api.discard(first.user, first.id)

    assert len(api.kept_texts(first.user, PRODUCT.kind)) == 1
    second.add(size=SIZE)
