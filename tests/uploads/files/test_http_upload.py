from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from tests.support.images.hostile import HTML, SVG, bomb, plain
from tests.support.images.pictures import picture
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.drafts import lifecycle
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.files import admission, http_upload
from uploads.files.http_upload import AcceptedFile
from uploads.grace import clock
from uploads.grace.rules import REQUEST_GRACE_MS
from uploads.models import File, Process, StoreJob
from uploads.stores.registry import current_store
from uploads.stores.retry import LATE_MS

MAIN = ("main_image", None)


def sent(
    driver: Driver, content: bytes | None = None, name: str = "mug.jpg", place=MAIN, sequence=None
) -> AcceptedFile:
    upload = SimpleUploadedFile(name, picture() if content is None else content)
    return http_upload.accept(driver.id, driver.user, upload, place, sequence)


def refused(driver: Driver, *arguments, **options) -> Code:
    with pytest.raises(Refusal) as caught:
        sent(driver, *arguments, **options)
    return caught.value.code


def repeat_deletes(clock: FakeClock) -> None:
    """A put that was started may land late, so its delete is repeated after a while."""
    clock.advance(LATE_MS / 1000)
    run_jobs()


def assert_nothing_left() -> None:
    objects = Path(site.STORAGES["draft_uploads"]["OPTIONS"]["location"])
    assert [path for path in objects.rglob("*") if path.is_file()] == []
    assert list(spool.directory().iterdir()) == []
    assert not File.objects.exclude(state=FileState.DELETED).exists()
    assert not StoreJob.objects.exists()
    assert not Process.objects.exists()


def test_whole_files_and_files_over_a_socket_share_a_pace(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admission, "adds", KeyedLimiter(Rate(3, 0.0)))
    for _ in range(2):
        admission.count_add(driver.user.pk)
    sent(driver)

    assert refused(driver) == Code.TOO_FAST
    assert len(driver.names()) == 1


def test_a_photo_of_an_iphone_is_known_by_its_bytes(driver: Driver):
    answer = sent(driver, picture("HEIF"), name="IMG_0001.HEIC")

    assert driver.file(answer.file).content_type == "image/heic"
    assert answer.public_id.endswith(".heic")


def test_a_file_sent_in_one_request_is_stored_when_it_is_answered(driver: Driver):
    answer = sent(driver)

    file = driver.file(answer.file)
    assert (file.state, file.width, file.content_type) == (FileState.STORED, 320, "image/jpeg")
    assert answer == AcceptedFile(driver.id, file.pk, f"/uploads/file/{file.pk}/", file.store_key, "mug.jpg", 0)
    assert current_store().exists(answer.public_id)
    assert list(spool.directory().iterdir()) == []
    assert not Process.objects.exists()


def test_a_large_upload_that_lies_on_disk_is_taken_too(driver: Driver):
    with TemporaryUploadedFile("mug.jpg", "image/jpeg", len(picture()), None) as upload:
        upload.write(picture())
        upload.seek(0)
        answer = http_upload.accept(driver.id, driver.user, upload, MAIN, None)
    assert driver.file_state(answer.file) == FileState.STORED


def test_the_content_decides_the_type_and_the_stored_objects_extension(driver: Driver):
    answer = sent(driver, picture("PNG"), "mug.jpg")
    assert driver.file(answer.file).content_type == "image/png"
    assert (answer.name, answer.public_id.endswith(".png")) == ("mug.png", True)


@pytest.mark.parametrize("said", ["image/jpeg", "image/jpg", "application/octet-stream", "", "text/html"])
def test_what_a_form_says_a_file_is_counts_as_little_as_over_a_socket(driver: Driver, said: str):
    upload = SimpleUploadedFile("mug.jpg", picture("PNG"), said)
    answer = http_upload.accept(driver.id, driver.user, upload, MAIN, None)

    assert (driver.file(answer.file).content_type, answer.name) == ("image/png", "mug.png")


def test_files_go_to_the_place_they_name(driver: Driver):
    driver.variants("red")
    sent(driver, name="a.jpg")
    sent(driver, name="b.jpg", sequence=0)
    assert sent(driver, name="c.jpg", sequence=99).sequence == 2
    assert sent(driver, name="red.jpg", place=("variant_image", "red")).sequence == 0
    assert (driver.names(), driver.names("red")) == (["b.jpg", "a.jpg", "c.jpg"], ["red.jpg"])


@pytest.mark.parametrize("sent_order", [(2, 1, 0), (1, 0, 2), (0, 2, 1)], ids=str)
def test_a_sequence_is_a_rank_whichever_upload_finishes_first(driver: Driver, sent_order: tuple[int, ...]):
    for sequence in sent_order:
        sent(driver, name=f"{sequence}.jpg", sequence=sequence)
    assert driver.names() == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_sequence_counts_until_somebody_arranges_the_list(driver: Driver):
    last, middle = (sent(driver, name=f"{sequence}.jpg", sequence=sequence).file for sequence in (2, 1))
    driver.move(last, None)
    assert driver.names() == ["2.jpg", "1.jpg"]

    sent(driver, name="0.jpg", sequence=0)
    assert driver.names() == ["0.jpg", "2.jpg", "1.jpg"]
    assert driver.file(middle).asked_rank is None


def test_a_sequence_counts_in_its_own_list(driver: Driver):
    driver.variants("red")
    five = sent(driver, name="5.jpg", sequence=5).file
    sent(driver, name="red-1.jpg", place=("variant_image", "red"), sequence=1)
    driver.move(five, None, "red")
    sent(driver, name="red-0.jpg", place=("variant_image", "red"), sequence=0)
    assert driver.names("red") == ["red-0.jpg", "5.jpg", "red-1.jpg"]

    # The variant is removed, and its images move to the end, where no rank put them.
    driver.variants()
    sent(driver, name="9.jpg", sequence=9)
    assert driver.names() == ["red-0.jpg", "5.jpg", "red-1.jpg", "9.jpg"]


def test_a_file_of_the_tray_comes_back_to_the_rank_it_was_sent_with(driver: Driver):
    two = sent(driver, name="2.jpg", sequence=2).file
    driver.remove(two)
    for sequence in (1, 0):
        sent(driver, name=f"{sequence}.jpg", sequence=sequence)
    driver.restore(two)
    assert driver.names() == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_request_shows_interest_in_the_draft(driver: Driver, service_clock: FakeClock):
    service_clock.advance(100)
    sent(driver)
    assert driver.draft.deadline_ms == clock.service_now() + REQUEST_GRACE_MS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.EMPTY_FILE),
        (SVG, Code.UNSUPPORTED_TYPE),
        (HTML, Code.UNSUPPORTED_TYPE),
        (plain("GIF"), Code.UNSUPPORTED_TYPE),
        (bomb(), Code.TOO_MANY_PIXELS),
        (picture()[:-2000], Code.IMAGE_TRUNCATED),
        (bomb(300, 300), Code.IMAGE_TRUNCATED),
    ],
    ids=["empty", "SVG", "HTML", "GIF", "bomb", "truncated", "no pixels"],
)
def test_a_file_that_is_no_good_image_leaves_nothing_behind(driver: Driver, content: bytes, code: Code):
    assert refused(driver, content) == code
    assert_nothing_left()
    assert driver.draft.revision == 1


def test_a_file_over_the_limits_leaves_nothing_behind(driver: Driver, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_file_bytes": 1000}}
    assert refused(driver) == Code.TOO_LARGE
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_draft_bytes": 1000}}
    assert refused(driver) == Code.DRAFT_FULL
    assert_nothing_left()


def test_an_unknown_variant_leaves_nothing_behind(driver: Driver):
    assert refused(driver, place=("variant_image", "gone")) == Code.UNKNOWN_VARIANT
    assert_nothing_left()


def test_a_draft_that_is_not_the_users_takes_no_file(driver: Driver, other_user):
    assert refused(Driver(other_user, driver.id)) == Code.DRAFT_NOT_FOUND
    assert_nothing_left()


def test_a_saved_draft_takes_no_file(driver: Driver):
    driver.commit()
    with pytest.raises(AlreadyCommitted):
        sent(driver)
    assert_nothing_left()


@pytest.mark.parametrize("fault", ["refuse", "lose_answers"])
def test_a_store_that_fails_is_said_and_leaves_nothing_behind(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore, fault: str
):
    getattr(unreliable_store, fault)("put")

    assert refused(driver) == Code.STORE_UNAVAILABLE
    run_jobs()
    repeat_deletes(service_clock)

    assert driver.names() == []
    assert_nothing_left()
    assert not unreliable_store.exists(File.objects.get().store_key)


@pytest.mark.parametrize(("error", "code"), [(errno.ENOSPC, Code.STORAGE_FULL), (errno.EIO, Code.SERVER_ERROR)])
@pytest.mark.parametrize("call", ["open", "write", "fsync"])
def test_a_disk_that_fails_is_said_and_leaves_nothing_behind(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, call: str, error: int, code: Code
):
    def fail(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        assert refused(driver) == code
    assert_nothing_left()
    assert driver.file_state(sent(driver).file) == FileState.STORED


def test_a_draft_discarded_while_its_file_is_stored_keeps_nothing(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.before["put"] = lambda: lifecycle.discard(driver.id, driver.user)
    with pytest.raises(DraftGone):
        sent(driver)
    run_jobs()
    assert driver.state == "expired"
    repeat_deletes(service_clock)
    assert_nothing_left()
    assert not unreliable_store.exists(File.objects.get().store_key)


def test_a_request_so_slow_that_it_counts_as_dead_is_finished_by_another_and_still_answered(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    def meanwhile() -> None:
        service_clock.advance(20)
        assert run_jobs() == 1

    unreliable_store.before["put"] = meanwhile

    answer = sent(driver)

    assert driver.file_state(answer.file) == FileState.STORED
    assert unreliable_store.exists(answer.public_id)
    assert not StoreJob.objects.exists()
