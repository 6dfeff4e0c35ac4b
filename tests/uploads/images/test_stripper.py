"""The stored copy: complete under its name or absent, identical when made again; the received bytes are untouched."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.images.photos import SECRETS, photo_taken
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core.errors import Code
from uploads.core.states import FileState
from uploads.files import http_upload
from uploads.images import metadata
from uploads.images.stripper import Copy, stripped, write
from uploads.jobs import effects, queue, runner
from uploads.models import File
from uploads.presence import sockets
from uploads.stores.base import Opens
from uploads.stores.registry import current_store

TAKEN = photo_taken(orientation=6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def in_store(file: File) -> bytes:
    used = current_store()
    assert isinstance(used, Opens)
    with used.open(file.store_key) as content:
        return content.read()


# --- The copy


def test_a_copy_that_cannot_be_finished_is_not_there_and_the_last_one_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    write(b"before", str(folder / "clean"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write(b"after", str(folder / "clean"))

    assert (folder / "clean").read_bytes() == b"before"
    assert [path.name for path in folder.iterdir()] == ["clean"]


def test_a_copy_is_safe_on_the_disk_before_it_has_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch):
    clean, synced = folder / "clean", list[bool]()
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(clean.exists()))
    copy = stripped(TAKEN, "image/jpeg", 6)

    assert write(copy, str(clean)) == Copy(len(copy), hashlib.sha256(copy).hexdigest())
    assert (synced, clean.read_bytes()) == ([False], copy)


# --- The job


def test_what_is_stored_tells_nothing_and_the_row_knows_both(driver: Driver):
    file = driver.file(driver.store(content=TAKEN))
    stored = in_store(file)

    assert [secret for secret in SECRETS if secret in stored] == []
    assert (file.size, file.sha256) == (len(TAKEN), hashlib.sha256(TAKEN).hexdigest())
    assert (file.stored_size, file.stored_sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    assert stored == b"".join(
        piece if isinstance(piece, bytes) else TAKEN[piece]
        for piece in metadata.retained_segments("image/jpeg", TAKEN, 6)
    )
    assert list(spool.directory().iterdir()) == []


def test_a_file_sent_in_one_request_tells_nothing_either(driver: Driver):
    upload = SimpleUploadedFile("mug.jpg", TAKEN, "image/jpeg")
    answer = http_upload.accept(driver.id, driver.user, upload, ("main_image", None), None)
    stored = in_store(driver.file(answer.file))

    assert [secret for secret in SECRETS if secret in stored] == []


def test_a_job_that_runs_again_stores_the_same(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    """Its process died after the store had the object."""
    file_id = driver.upload(content=TAKEN)
    with monkeypatch.context() as patched:
        patched.setattr(effects, "_record_put", lambda *_, **__: False)
        patched.setattr(effects, "finish", lambda *_: True)
        run_jobs_once(file_id)
    first = in_store(driver.file(file_id))
    run_jobs_once(file_id)

    file = driver.file(file_id)
    assert (file.state, in_store(file), file.stored_size) == (FileState.STORED, first, len(first))


def test_a_copy_that_is_gone_is_made_again(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    """It was checked by a server of the previous version, or by a machine with another disk."""
    file_id = driver.upload(content=TAKEN)
    with monkeypatch.context() as patched:
        patched.setattr(effects, "announce", lambda *_: False)
        patched.setattr(effects, "finish", lambda *_: True)
        run_jobs_once(file_id)
    assert driver.file_state(file_id) == FileState.STORING
    spool.clean_path(file_id).unlink()
    run_jobs_once(file_id)

    file = driver.file(file_id)
    assert file.state == FileState.STORED
    assert [secret for secret in SECRETS if secret in in_store(file)] == []


def test_a_copy_is_no_received_byte(driver: Driver):
    file_id = driver.upload(content=TAKEN)
    received = spool.latest(file_id)
    spool.clean_path(file_id).write_bytes(b"copy")
    assert spool.latest(file_id) == received
    assert file_id in spool.strays(-1)
    spool.drop(file_id)
    assert list(spool.directory().iterdir()) == []


def test_an_image_that_cannot_be_stripped_is_refused_with_what_to_do(driver: Driver):
    file_id = driver.upload(content=overlapping(), content_type="image/avif")
    run_jobs()

    file = driver.file(file_id)
    assert (file.state, file.error_code) == (FileState.REJECTED, Code.METADATA_NOT_REMOVABLE)
    assert "Export it again" in file.error_message


def overlapping() -> bytes:
    """A photo whose last byte of EXIF is the first of its pixels, which decoders accept."""
    content = bytearray(photo_taken("AVIF"))
    last = content.index(b"iinf") - 8
    content[last : last + 4] = (int.from_bytes(content[last : last + 4], "big") + 1).to_bytes(4, "big")
    return bytes(content)


def run_jobs_once(file_id: UUID) -> None:
    with sockets.temporary_worker() as process:
        job = queue.acquire(process.pk, [file_id])
        assert job is not None
        runner.run(job)
