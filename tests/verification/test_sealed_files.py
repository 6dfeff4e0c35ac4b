"""What is stored is what was checked: no writer that is still open can slip in other bytes in between."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from consumers.transfers import Transfer
from tests.support.images.pictures import picture
from tests.support.run.counts import Counted
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from tests.verification import seal_model
from uploads import spool
from uploads.core.errors import Code
from uploads.core.states import FileState
from uploads.files import operations
from uploads.images import checker, metadata
from uploads.images.worker_pool import WorkerPool
from uploads.jobs import effects, file_rows
from uploads.models import File
from uploads.presence import sockets
from uploads.stores.base import Opens
from uploads.stores.registry import current_store

GOOD = picture()
_FRAME = GOOD.index(b"\xff\xc0") + 5
HUGE = GOOD[:_FRAME] + (65_500).to_bytes(2, "big") * 2 + GOOD[_FRAME + 4 :]
"""The same image, byte for byte, under a header that claims 65,500 x 65,500 pixels."""
STORED = b"".join(
    piece if isinstance(piece, bytes) else GOOD[piece] for piece in metadata.retained_segments("image/jpeg", GOOD, 1)
)


def finished(driver: Driver) -> tuple[UUID, spool.Writer]:
    """A file that was sent and finished over HTTP while a socket's writer of the same epoch is still open."""
    lease = driver.add(content=GOOD)
    assert lease.epoch is not None
    socket = spool.Writer(lease.file, lease.epoch, lease.size)
    request = spool.Writer.again(lease.file, lease.epoch, lease.size)
    request.write(0, memoryview(GOOD))
    sha256 = Transfer(lease.file, lease.epoch, request).verify(hashlib.sha256(GOOD).hexdigest())
    request.close()
    operations.finish(driver.id, driver.user, lease.file, lease.epoch, sha256)
    return lease.file, socket


def overwrite(socket: spool.Writer) -> None:
    """Everything the socket's client sends from the start, acknowledged or not, reaches the spool."""
    socket.write(0, memoryview(HUGE))
    assert socket.path.read_bytes() == HUGE


def assert_true(file: File) -> None:
    """The stored object is the checked one, and the row has its hash, size and dimensions."""
    backend = current_store()
    assert isinstance(backend, Opens)
    with backend.open(file.store_key) as content:
        stored = content.read()
    assert stored == STORED
    assert file.sha256 == hashlib.sha256(GOOD).hexdigest()
    assert (file.stored_size, file.stored_sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    with Image.open(io.BytesIO(stored)) as image:
        assert (file.width, file.height) == image.size == (320, 240)


def assert_lost(driver: Driver, file_id: UUID) -> None:
    """The file was refused, nothing of it was stored, and it can be sent again."""
    file = driver.file(file_id)
    assert (file.state, file.error_code) == (FileState.REJECTED, Code.SERVER_ERROR)
    assert "Retry to send it again" in file.error_message
    assert not current_store().exists(file.store_key)
    assert spool.latest(file_id) is None

    lease = operations.retry(driver.id, driver.user, file_id, driver.connect(sockets.start_process()))
    assert lease.epoch is not None
    driver.send(lease, GOOD)
    driver.finish(lease, GOOD)
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    assert_true(driver.file(file_id))


@contextmanager
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The work of the children is done here, where a test can pause it anywhere."""
    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "run", lambda _, work, *given, **options: work(*given))
        yield


def test_bytes_that_change_between_finish_and_check_are_not_stored(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    file_id, socket = finished(driver)
    overwrite(socket)
    with in_this_process(monkeypatch):
        run_jobs()

    assert_lost(driver, file_id)


def test_bytes_that_change_between_decoding_and_copying_reach_nothing(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    file_id, socket = finished(driver)
    decode = checker._copied

    def decode_and_overwrite(*given: Any) -> Any:
        facts = decode(*given)
        overwrite(socket)
        return facts

    with in_this_process(monkeypatch):
        monkeypatch.setattr(checker, "_copied", decode_and_overwrite)
        run_jobs()

    assert driver.file_state(file_id) == FileState.STORED
    assert_true(driver.file(file_id))


def test_bytes_that_change_between_check_and_put_reach_nothing(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    file_id, socket = finished(driver)
    announce = file_rows.announce

    def announce_and_overwrite(*given: Any) -> bool:
        overwrite(socket)
        return announce(*given)

    monkeypatch.setattr(effects, "announce", announce_and_overwrite)
    run_jobs()

    assert_true(driver.file(file_id))


def test_a_copy_that_is_not_the_checked_one_is_not_stored_and_made_again(
    driver: Driver, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    file_id = driver.upload(content=GOOD)
    announce = file_rows.announce

    def announce_and_overwrite(*given: Any) -> bool:
        spool.clean_path(file_id).write_bytes(HUGE)
        return announce(*given)

    with monkeypatch.context() as patch:
        patch.setattr(effects, "announce", announce_and_overwrite)
        run_jobs()
    file = driver.file(file_id)
    assert (file.state, current_store().exists(file.store_key)) == (FileState.STORING, False)

    service_clock.skip(60)
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    assert_true(driver.file(file_id))


def test_a_copy_that_the_version_before_made_is_not_believed(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    """It did not record the hash of the copy, and may have read a spool twice."""
    file_id = driver.upload(content=GOOD)
    File.objects.filter(pk=file_id).update(state=FileState.STORING, width=320, height=240)
    spool.clean_path(file_id).write_bytes(HUGE)
    run_jobs()

    assert driver.file_state(file_id) == FileState.STORED
    assert_true(driver.file(file_id))


OVERWRITE = """
import os, sys
spool = os.open(sys.argv[1], os.O_WRONLY)
good, huge = (bytes.fromhex(text) for text in sys.stdin.read().split())
print("open", flush=True)
while True:
    os.pwrite(spool, huge, int(sys.argv[2]))
    os.pwrite(spool, good, int(sys.argv[2]))
"""


def test_a_writer_of_another_process_never_gets_other_bytes_stored(
    driver: Driver, counted: Counted, report: Callable[[object], None]
):
    """One spool, two processes: one flips the header back and forth while the other checks and stores."""
    rounds = counted(12, 400)
    ends = {FileState.STORED: 0, FileState.REJECTED: 0}
    header = slice(_FRAME, _FRAME + 4)
    for _ in range(rounds):
        file_id, socket = finished(driver)
        arguments = [sys.executable, "-c", OVERWRITE, str(socket.path), str(_FRAME)]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdin is not None
            assert writer.stdout is not None
            writer.stdin.write(f"{GOOD[header].hex()} {HUGE[header].hex()}")
            writer.stdin.close()
            assert writer.stdout.readline() == "open\n"
            run_jobs()
            writer.kill()
        socket.close()
        file = driver.file(file_id)
        if file.state == FileState.STORED:
            assert_true(file)
        else:
            assert_lost(driver, file_id)
        ends[FileState(file.state)] += 1
        driver.remove(file_id)
    report(f"{rounds} rounds: {ends[FileState.STORED]} stored as checked, {ends[FileState.REJECTED]} refused")


def test_the_received_bytes_are_read_once(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    file_id = driver.upload(content=GOOD)
    path, read = spool.latest(file_id), []
    real = Path.read_bytes

    def read_bytes(one: Path) -> bytes:
        read.append(one)
        return real(one)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with in_this_process(monkeypatch):
        run_jobs()

    assert read == [path]


# --- The design, in every order of steps


def test_no_order_of_steps_stores_what_was_not_checked(report: Callable[[object], None]):
    found = seal_model.search(seal_model.Design())
    assert found.broken == ""
    report(found)


@pytest.mark.parametrize("error", seal_model.ERRORS, ids=lambda error: error.name)
def test_an_error_in_the_design_is_found(error: seal_model.Design):
    assert seal_model.search(error).broken
