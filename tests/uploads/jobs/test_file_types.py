"""The content determines a file's type; its name, content type and object key follow, whatever was announced."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import pytest

from tests.support.images.metadata_checks import TYPES
from tests.support.images.pictures import picture
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from uploads.core.errors import Code, Refusal
from uploads.core.limits import CONTENT_TYPES
from uploads.core.states import FileState
from uploads.files import operations
from uploads.jobs import effects, queue, runner
from uploads.models import File, StoreJob
from uploads.presence import sockets
from uploads.stores.registry import current_store


def named(driver: Driver, file_id: UUID) -> tuple[str, str, str]:
    """Return the file's name, its type, and the extension of its object key."""
    file = driver.file(file_id)
    assert current_store().exists(file.store_key)
    return file.name, file.content_type, "." + file.store_key.rpartition(".")[2]


@pytest.mark.parametrize(("real", "said"), list(permutations(TYPES, 2)))
def test_a_file_announced_as_another_type_is_stored_as_what_it_is(driver: Driver, real: str, said: str):
    content_type, announced = TYPES[real], TYPES[said]
    file_id = driver.store(f"mug{CONTENT_TYPES[announced]}", picture(real), content_type=announced)

    extension = CONTENT_TYPES[content_type]
    assert named(driver, file_id) == (f"mug{extension}", content_type, extension)


@pytest.mark.parametrize("said", ["image/jpg", "image/pjpeg", "application/octet-stream", ""])
def test_a_type_that_real_systems_say_is_taken(driver: Driver, said: str):
    assert named(driver, driver.store("mug.jpg", content_type=said)) == ("mug.jpg", "image/jpeg", ".jpg")
    assert named(driver, driver.store("mug", picture("PNG"), content_type=said)) == ("mug.png", "image/png", ".png")


@pytest.mark.parametrize("said", ["image/heic", "image/heif", ""])
def test_a_photo_of_a_camera_keeps_its_name(driver: Driver, said: str):
    """HEIC has two names and three extensions."""
    file_id = driver.store("IMG_1.HIF", picture("HEIF"), content_type=said)
    content_type = said or "image/heic"
    assert named(driver, file_id) == ("IMG_1.HIF", content_type, CONTENT_TYPES[content_type])


@pytest.mark.parametrize(
    ("name", "said"), [("notes.txt", "text/plain"), ("notes.txt", ""), ("mug.svg", "image/svg+xml")]
)
def test_what_is_known_to_be_no_image_of_ours_is_refused_before_it_is_sent(driver: Driver, name: str, said: str):
    with pytest.raises(Refusal) as refused:
        driver.add(name, content_type=said)
    assert refused.value.code == Code.UNSUPPORTED_TYPE


def test_all_that_follows_finds_the_object_under_its_new_name(driver: Driver):
    kept, removed = (driver.store("mug.jpg", picture("WEBP", seed=seed)) for seed in (1, 2))
    gone = driver.file(removed).store_key
    driver.remove(removed)
    operations.purge(driver.id, driver.user, removed)
    run_jobs()
    assert (driver.file_state(removed), current_store().exists(gone)) == (FileState.DELETED, False)

    host = Host()
    driver.commit(host)
    run_jobs()
    assert host.plans[0].files[0].name == "mug.webp"
    assert named(driver, kept)[2] == ".webp"
    assert driver.file_state(kept) == FileState.PERMANENT


def test_a_runner_that_dies_after_the_check_leaves_a_job_for_the_new_name(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
):
    file_id = driver.upload("mug.jpg", picture("PNG"))
    with monkeypatch.context() as patch:
        patch.setattr(effects, "announce", lambda *_: False)
        patch.setattr(effects, "finish", lambda *_: True)
        run_job()
    job = StoreJob.objects.get()
    assert (job.key, job.key.endswith(".png")) == (driver.file(file_id).store_key, True)
    StoreJob.objects.update(acquired_by=None)
    run_jobs()
    assert named(driver, file_id) == ("mug.png", "image/png", ".png")


def test_an_object_that_may_yet_land_in_the_store_keeps_its_name(driver: Driver):
    """A delete knows only one key: that of the late put."""
    file_id = driver.upload("mug.jpg", picture("PNG"))
    File.objects.filter(pk=file_id).update(put_in_flight_until_ms=10**9)
    run_jobs()
    assert named(driver, file_id) == ("mug.png", "image/png", ".jpg")


def run_job() -> None:
    with sockets.temporary_worker() as process:
        job = queue.acquire(process.pk)
        assert job is not None
        runner.run(job)
