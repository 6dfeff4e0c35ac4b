from __future__ import annotations

import hashlib
import time
from uuid import UUID, uuid4

import msgspec
import pytest

from tests.support.images.photos import exif_block, photo_taken
from tests.support.images.pictures import picture
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from uploads import api
from uploads.core.errors import CATALOGUE, Code
from uploads.core.limits import CONTENT_TYPES
from uploads.core.service_time import Cause
from uploads.core.snapshot import DraftInfo, FileInfo, Snapshot
from uploads.drafts import form_state, keeping
from uploads.drafts.merge import PlannedFile
from uploads.files import operations
from uploads.images import exif
from uploads.permissions import Target
from uploads.presence import sockets
from uploads.snapshot import read


def seen(driver: Driver) -> Snapshot:
    snapshot = read(driver.id, Snapshot)
    assert snapshot is not None
    return snapshot


def file_seen(driver: Driver, file_id: UUID) -> FileInfo:
    return next(file for file in seen(driver).files if file.file == file_id)


def test_a_snapshot_holds_what_its_types_say(driver: Driver):
    driver.variants("red")
    driver.store()
    driver.upload(content=b"no image")
    run_jobs()
    snapshot = seen(driver)

    assert msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot) == snapshot
    assert snapshot.revision == driver.draft.revision


def test_a_snapshot_tells_the_draft_its_grace_and_its_tabs(driver: Driver, process: UUID):
    driver.connect(process)
    snapshot = seen(driver)
    assert snapshot.draft == DraftInfo(
        id=driver.id, state="open", target="product:", grace_seconds=10, grace_seconds_lost=20
    )
    assert snapshot.sockets == 1


def test_tabs_of_a_lapsed_process_are_not_counted(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.connect(process)
    service_clock.advance(16)
    assert seen(driver).sockets == 0


def test_files_are_told_list_by_list_in_order_and_the_tray_with_them(driver: Driver):
    driver.variants("red")
    driver.add("red.jpg", variant="red")
    second = driver.store("second.jpg")
    driver.store("first.jpg", after=None)
    removed = driver.store("removed.jpg")
    driver.remove(removed)

    told = [(f.name, f.variant_temp_id, f.sequence) for f in seen(driver).files if f.state != "removed"]
    assert told == [("first.jpg", None, 0), ("second.jpg", None, 1), ("red.jpg", "red", 0)]
    assert file_seen(driver, removed).state == "removed"
    assert file_seen(driver, second).url == f"/uploads/file/{second}/?small"


def test_a_deleted_file_is_not_told(driver: Driver):
    driver.remove(driver.add().file)
    assert seen(driver).files == []


def test_a_file_has_an_address_as_soon_as_its_bytes_are_here(driver: Driver):
    receiving, received = driver.add().file, driver.upload()
    assert file_seen(driver, receiving).url == ""
    assert file_seen(driver, received).url == f"/uploads/file/{received}/?small"


def test_a_file_is_being_sent_while_its_tab_lives(driver: Driver, process: UUID):
    lease = driver.add()
    tab = driver.connect(process)
    assert not file_seen(driver, lease.file).sending
    operations.resume(driver.id, driver.user, lease.file, lease.size, tab)
    assert file_seen(driver, lease.file).sending
    sockets.disconnect(tab, Cause.LOST)
    assert not file_seen(driver, lease.file).sending


@pytest.mark.parametrize(
    ("content", "code"), [(b"no image", Code.UNSUPPORTED_TYPE), (picture()[:-2000], Code.IMAGE_TRUNCATED)]
)
def test_a_rejected_file_says_why_and_whether_a_retry_helps(driver: Driver, content: bytes, code: Code):
    file_id = driver.upload(content=content)
    run_jobs()

    error = file_seen(driver, file_id).error
    assert error is not None
    assert (error.code, error.retryable) == (code, CATALOGUE[code].retryable)
    assert error.message.endswith(".")


def test_a_stored_file_has_its_size_in_pixels_and_no_error(driver: Driver):
    told = file_seen(driver, driver.store())
    assert (told.width, told.height, told.taken_at, told.error) == (320, 240, None, None)


def test_a_file_has_the_hash_of_what_was_received_as_soon_as_it_was(driver: Driver):
    receiving, received = driver.add().file, driver.upload()
    assert file_seen(driver, receiving).sha256 == ""
    assert file_seen(driver, received).sha256 == hashlib.sha256(picture()).hexdigest()


def test_a_photo_tells_when_it_was_taken_in_milliseconds_and_its_size_as_seen(driver: Driver):
    tags = exif_block(6, "2026:05:04 12:00:00", "+02:00")
    tags.get_ifd(exif.DETAILS)[exif.TAKEN_AT_FRACTION] = "042"
    told = file_seen(driver, driver.store(content=photo_taken(orientation=6, exif=tags)))
    assert (told.width, told.height, told.taken_at) == (96, 64, 1_777_888_800_042)


def test_a_file_of_the_edited_product_is_shown_from_the_product(driver: Driver, user):
    file_id = driver.store()
    host = Host()
    driver.commit(host)
    file = host.plans[0].files[0]

    def attached() -> list[PlannedFile]:
        return [msgspec.structs.replace(file, is_new=False)]

    edit = api.open_draft(user, Target("product", "7"), attached=attached)
    told = read(edit.id, Snapshot)

    assert told is not None
    assert [(f.attached, f.url, f.state) for f in told.files] == [(True, f"/uploads/file/{file_id}/?small", "attached")]


def test_an_ended_or_missing_draft_has_no_snapshot(driver: Driver):
    driver.commit()
    assert read(driver.id, Snapshot) is None
    assert read(uuid4(), Snapshot) is None


def test_the_limits_told_are_those_in_force(driver: Driver, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_files": 3, "chunk_bytes": 2048}}
    limits = seen(driver).limits
    assert (limits.max_files, limits.chunk_bytes) == (3, 2048)
    assert limits.content_types == list(CONTENT_TYPES)


def test_a_tab_that_lost_its_server_is_one_tab(driver: Driver, process: UUID):
    tab = uuid4()
    sockets.connect(driver.id, driver.user, sockets.start_process(), tab)
    sockets.connect(driver.id, driver.user, process, tab)
    assert seen(driver).sockets == 1

    sockets.connect(driver.id, driver.user, process, uuid4())
    sockets.connect(driver.id, driver.user, process)
    sockets.connect(driver.id, driver.user, process)
    assert seen(driver).sockets == 4


def test_it_says_until_when_it_is_kept_and_what_would_be_lost(driver: Driver):
    driver.store("a.jpg")
    assert (seen(driver).draft.kept_until, seen(driver).draft.changes) == (None, [])
    keeping.keep(driver.id, driver.user)
    form_state.note(driver.id, driver.user, {"title": ["Mug"]})

    draft = seen(driver).draft

    assert draft.kept_until is not None
    assert abs(draft.kept_until / 1000 - time.time() - 86_400) < 60
    assert draft.changes == ["text"]
