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
from tests.support.wire.desk import Desk, run_jobs
from uploads import spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.files import http_upload
from uploads.files.http_upload import AcceptedFile
from uploads.grace import clock
from uploads.grace.rules import REQUEST_GRACE_MS
from uploads.models import File, Process, StoreJob
from uploads.stores.registry import current_store
from uploads.stores.retry import LATE_MS

MAIN = ("main_image", None)


def sent(desk: Desk, content: bytes | None = None, name: str = "mug.jpg", place=MAIN, sequence=None) -> AcceptedFile:
    upload = SimpleUploadedFile(name, picture() if content is None else content)
    return http_upload.accept(desk.id, desk.user, upload, place, sequence)


def refused(desk: Desk, *arguments, **options) -> Code:
    with pytest.raises(Refusal) as caught:
        sent(desk, *arguments, **options)
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


def test_a_photo_of_an_iphone_is_known_by_its_bytes(desk: Desk):
    answer = sent(desk, picture("HEIF"), name="IMG_0001.HEIC")

    assert desk.file(answer.file).content_type == "image/heic"
    assert answer.public_id.endswith(".heic")


def test_a_file_sent_in_one_request_is_stored_when_it_is_answered(desk: Desk):
    answer = sent(desk)

    file = desk.file(answer.file)
    assert (file.state, file.width, file.content_type) == (FileState.STORED, 320, "image/jpeg")
    assert answer == AcceptedFile(desk.id, file.pk, f"/uploads/file/{file.pk}/", file.store_key, "mug.jpg", 0)
    assert current_store().exists(answer.public_id)
    assert list(spool.directory().iterdir()) == []
    assert not Process.objects.exists()


def test_a_large_upload_that_lies_on_disk_is_taken_too(desk: Desk):
    with TemporaryUploadedFile("mug.jpg", "image/jpeg", len(picture()), None) as upload:
        upload.write(picture())
        upload.seek(0)
        answer = http_upload.accept(desk.id, desk.user, upload, MAIN, None)
    assert desk.file_state(answer.file) == FileState.STORED


def test_the_content_decides_the_type_and_the_stored_objects_extension(desk: Desk):
    answer = sent(desk, picture("PNG"), "mug.jpg")
    assert desk.file(answer.file).content_type == "image/png"
    assert (answer.name, answer.public_id.endswith(".png")) == ("mug.png", True)


@pytest.mark.parametrize("said", ["image/jpeg", "image/jpg", "application/octet-stream", "", "text/html"])
def test_what_a_form_says_a_file_is_counts_as_little_as_over_a_socket(desk: Desk, said: str):
    upload = SimpleUploadedFile("mug.jpg", picture("PNG"), said)
    answer = http_upload.accept(desk.id, desk.user, upload, MAIN, None)

    assert (desk.file(answer.file).content_type, answer.name) == ("image/png", "mug.png")


def test_files_go_to_the_place_they_name(desk: Desk):
    desk.variants("red")
    sent(desk, name="a.jpg")
    sent(desk, name="b.jpg", sequence=0)
    assert sent(desk, name="c.jpg", sequence=99).sequence == 2
    assert sent(desk, name="red.jpg", place=("variant_image", "red")).sequence == 0
    assert (desk.names(), desk.names("red")) == (["b.jpg", "a.jpg", "c.jpg"], ["red.jpg"])


@pytest.mark.parametrize("sent_order", [(2, 1, 0), (1, 0, 2), (0, 2, 1)], ids=str)
def test_a_sequence_is_a_rank_whichever_upload_finishes_first(desk: Desk, sent_order: tuple[int, ...]):
    for sequence in sent_order:
        sent(desk, name=f"{sequence}.jpg", sequence=sequence)
    assert desk.names() == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_sequence_counts_until_somebody_arranges_the_list(desk: Desk):
    last, middle = (sent(desk, name=f"{sequence}.jpg", sequence=sequence).file for sequence in (2, 1))
    desk.move(last, None)
    assert desk.names() == ["2.jpg", "1.jpg"]

    sent(desk, name="0.jpg", sequence=0)
    assert desk.names() == ["0.jpg", "2.jpg", "1.jpg"]
    assert desk.file(middle).asked_rank is None


def test_a_sequence_counts_in_its_own_list(desk: Desk):
    desk.variants("red")
    five = sent(desk, name="5.jpg", sequence=5).file
    sent(desk, name="red-1.jpg", place=("variant_image", "red"), sequence=1)
    desk.move(five, None, "red")
    sent(desk, name="red-0.jpg", place=("variant_image", "red"), sequence=0)
    assert desk.names("red") == ["red-0.jpg", "5.jpg", "red-1.jpg"]

    # The variant is removed, and its images move to the end, where no rank put them.
    desk.variants()
    sent(desk, name="9.jpg", sequence=9)
    assert desk.names() == ["red-0.jpg", "5.jpg", "red-1.jpg", "9.jpg"]


def test_a_file_of_the_tray_comes_back_to_the_rank_it_was_sent_with(desk: Desk):
    two = sent(desk, name="2.jpg", sequence=2).file
    desk.remove(two)
    for sequence in (1, 0):
        sent(desk, name=f"{sequence}.jpg", sequence=sequence)
    desk.restore(two)
    assert desk.names() == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_request_shows_interest_in_the_draft(desk: Desk, service_clock: FakeClock):
    service_clock.advance(100)
    sent(desk)
    assert desk.draft.deadline_ms == clock.service_now() + REQUEST_GRACE_MS


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
def test_a_file_that_is_no_good_image_leaves_nothing_behind(desk: Desk, content: bytes, code: Code):
    assert refused(desk, content) == code
    assert_nothing_left()
    assert desk.draft.revision == 1


def test_a_file_over_the_limits_leaves_nothing_behind(desk: Desk, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_file_bytes": 1000}}
    assert refused(desk) == Code.TOO_LARGE
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_draft_bytes": 1000}}
    assert refused(desk) == Code.DRAFT_FULL
    assert_nothing_left()


def test_an_unknown_variant_leaves_nothing_behind(desk: Desk):
    assert refused(desk, place=("variant_image", "gone")) == Code.UNKNOWN_VARIANT
    assert_nothing_left()


def test_a_draft_that_is_not_the_users_takes_no_file(desk: Desk, other_user):
    assert refused(Desk(other_user, desk.id)) == Code.DRAFT_NOT_FOUND
    assert_nothing_left()


def test_a_saved_draft_takes_no_file(desk: Desk):
    desk.commit()
    with pytest.raises(AlreadyCommitted):
        sent(desk)
    assert_nothing_left()


@pytest.mark.parametrize("fault", ["refuse", "lose_answers"])
def test_a_store_that_fails_is_said_and_leaves_nothing_behind(
    desk: Desk, service_clock: FakeClock, unreliable_store: UnreliableStore, fault: str
):
    getattr(unreliable_store, fault)("put")

    assert refused(desk) == Code.STORE_UNAVAILABLE
    run_jobs()
    repeat_deletes(service_clock)

    assert desk.names() == []
    assert_nothing_left()
    assert not unreliable_store.exists(File.objects.get().store_key)


@pytest.mark.parametrize(("error", "code"), [(errno.ENOSPC, Code.STORAGE_FULL), (errno.EIO, Code.SERVER_ERROR)])
@pytest.mark.parametrize("call", ["open", "write", "fsync"])
def test_a_disk_that_fails_is_said_and_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, call: str, error: int, code: Code
):
    def fail(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        assert refused(desk) == code
    assert_nothing_left()
    assert desk.file_state(sent(desk).file) == FileState.STORED


def test_a_draft_discarded_while_its_file_is_stored_keeps_nothing(
    desk: Desk, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.before["put"] = lambda: lifecycle.discard(desk.id, desk.user)
    with pytest.raises(DraftGone):
        sent(desk)
    run_jobs()
    assert desk.state == "expired"
    repeat_deletes(service_clock)
    assert_nothing_left()
    assert not unreliable_store.exists(File.objects.get().store_key)


def test_a_request_so_slow_that_it_counts_as_dead_is_finished_by_another_and_still_answered(
    desk: Desk, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    def meanwhile() -> None:
        service_clock.advance(20)
        assert run_jobs() == 1

    unreliable_store.before["put"] = meanwhile

    answer = sent(desk)

    assert desk.file_state(answer.file) == FileState.STORED
    assert unreliable_store.exists(answer.public_id)
    assert not StoreJob.objects.exists()
