"""A disk that fails at any moment: no missing byte is acknowledged, and the upload continues afterwards."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.servers.server import ROOT
from tests.support.wire.draft_driver import Driver
from uploads import spool
from uploads.core import room
from uploads.core.errors import CATALOGUE, Code, Refusal

CHUNK = 257
CHUNKS = 64
CONTENT = bytes(range(256)) * (CHUNK * CHUNKS // 256)
FULL = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG]
BROKEN = [errno.EIO, errno.EROFS]


class FaultyCall:
    """A system call that fails once, at its `at`-th use: with `error`, or by doing only part of its work."""

    def __init__(self, real: Callable[..., Any], at: int, error: int | None) -> None:
        self.real, self.at, self.error = real, at, error
        self.calls = 0

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.calls += 1
        if self.calls != self.at:
            return self.real(*arguments, **options)
        if self.error is not None:
            raise OSError(self.error, os.strerror(self.error))
        descriptor, payload = arguments
        return self.real(descriptor, bytes(payload)[: len(payload) // 3])


class Upload:
    """A tab that sends `CONTENT`, resumes after every error, and records every response."""

    def __init__(self) -> None:
        self.file: UUID = uuid4()
        self.epoch = 0
        self.codes: list[Code] = []
        self.acknowledged = 0

    def run(self) -> str:
        """Send until the server says that it has everything; return the server's hash."""
        for _ in range(5):
            try:
                return self._attempt()
            except Refusal as refusal:
                self.codes.append(refusal.code)
        raise AssertionError(f"never done: {self.codes}")

    def _attempt(self) -> str:
        self.epoch += 1
        writer = spool.Writer(self.file, self.epoch, len(CONTENT))
        try:
            while writer.offset < writer.size:
                part = memoryview(CONTENT)[writer.offset : writer.offset + CHUNK]
                self.acknowledged = writer.write(writer.offset, part)
                assert writer.path.read_bytes() == CONTENT[: self.acknowledged]
            return writer.digest()
        finally:
            writer.close()


def assert_arrived(upload: Upload, said: str) -> None:
    assert said == hashlib.sha256(CONTENT).hexdigest()
    (left,) = spool.directory().iterdir()
    assert left == spool.latest(upload.file)
    assert left.read_bytes() == CONTENT


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("error", [*FULL, *BROKEN, None], ids=lambda e: "short" if e is None else errno.errorcode[e])
def test_a_write_that_fails_costs_a_try_and_no_byte(monkeypatch: pytest.MonkeyPatch, error: int | None):
    """At each of the 64 writes of a file."""
    real = os.write
    for at in range(1, CHUNKS + 1):
        with monkeypatch.context() as patch:
            upload, before = Upload(), descriptors()
            patch.setattr(os, "write", FaultyCall(real, at, error))

            said = upload.run()

            expected = [] if error is None else [Code.STORAGE_FULL if error in FULL else Code.SERVER_ERROR]
            assert upload.codes == expected
            assert_arrived(upload, said)
            assert descriptors() == before
            spool.drop(upload.file)


@pytest.mark.parametrize("error", [*FULL, *BROKEN], ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["open", "rename"])
def test_a_spool_that_cannot_be_opened_is_refused_and_opens_later(
    monkeypatch: pytest.MonkeyPatch, call: str, error: int
):
    with monkeypatch.context() as patch:
        upload, before = Upload(), descriptors()
        if call == "open":
            patch.setattr(os, "open", FaultyCall(os.open, 1, error))
        else:
            faulty = FaultyCall(Path.rename, 1, error)
            patch.setattr(Path, "rename", lambda path, to: faulty(path, to))

        said = upload.run()

    assert upload.codes == [Code.STORAGE_FULL if error in FULL else Code.SERVER_ERROR]
    assert_arrived(upload, said)
    assert descriptors() == before


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EDQUOT], ids=errno.errorcode.get)
def test_after_an_fsync_that_failed_the_bytes_are_sent_again_and_not_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, error: int
):
    """A second fsync would succeed although the bytes are gone."""
    upload = Upload()
    monkeypatch.setattr(os, "fsync", FaultyCall(os.fsync, 1, error))
    with pytest.raises(Refusal) as refused:
        upload._attempt()
    assert refused.value.retryable
    assert spool.latest(upload.file) is None

    assert_arrived(upload, upload.run())


def test_every_file_that_is_told_received_was_synced(monkeypatch: pytest.MonkeyPatch):
    synced = FaultyCall(os.fsync, 0, None)
    monkeypatch.setattr(os, "fsync", synced)
    Upload().run()
    assert synced.calls == 1


def test_a_close_that_failed_drops_what_may_be_lost(monkeypatch: pytest.MonkeyPatch):
    """A network disk reports only then that it could not keep what it had accepted."""
    upload = Upload()
    writer = spool.Writer(upload.file, 1, len(CONTENT))
    writer.write(0, memoryview(CONTENT[:5000]))
    with monkeypatch.context() as patch:
        real = os.close

        def close(descriptor: int) -> None:
            real(descriptor)
            raise OSError(errno.EDQUOT, "quota")

        patch.setattr(os, "close", close)
        writer.close()
        writer.close()
    assert spool.latest(upload.file) is None

    upload.epoch = 1
    assert_arrived(upload, upload.run())


def test_a_spool_that_cannot_be_read_any_more_begins_again_at_zero(monkeypatch: pytest.MonkeyPatch):
    upload = Upload()
    writer = spool.Writer(upload.file, 1, len(CONTENT))
    writer.write(0, memoryview(CONTENT[:5000]))
    writer.close()
    real = Path.open

    def unreadable(path: Path, mode: str = "r") -> Any:
        if path.name.endswith(".1"):
            raise OSError(errno.EIO, "the medium is bad")
        return real(path, mode)

    monkeypatch.setattr(Path, "open", unreadable)
    again = spool.Writer(upload.file, 2, len(CONTENT))
    again.close()

    assert again.offset == 0
    upload.epoch = 2
    assert_arrived(upload, upload.run())


def test_a_hash_that_cannot_be_read_begins_again(monkeypatch: pytest.MonkeyPatch):
    upload = Upload()
    faulty = FaultyCall(hashlib.file_digest, 1, errno.EIO)
    monkeypatch.setattr(hashlib, "file_digest", faulty)

    said = upload.run()

    assert upload.codes == [Code.SERVER_ERROR]
    assert_arrived(upload, said)


def test_what_a_disk_refuses_is_said_in_a_sentence_and_may_be_tried_again():
    for code in (Code.STORAGE_FULL, Code.SERVER_ERROR):
        assert CATALOGUE[code].retryable
        assert CATALOGUE[code].message.endswith(".")
    assert CATALOGUE[Code.STORAGE_FULL].status == 503


def test_a_spool_that_cannot_be_removed_stops_nobody(monkeypatch: pytest.MonkeyPatch):
    upload = Upload()
    upload.run()
    with monkeypatch.context() as patch:
        faulty = FaultyCall(Path.unlink, 1, errno.EIO)
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: faulty(path, missing_ok))
        spool.drop(upload.file)
    assert spool.latest(upload.file) is not None


# --- Before the first byte

Usage = namedtuple("Usage", "total used free")


def test_a_file_that_would_not_fit_is_refused_before_its_first_byte(driver: Driver, monkeypatch: pytest.MonkeyPatch):
    # Half of the room is this user's; small pictures need some as well.
    free = room.RESERVE_BYTES + 2 * room.COPIES * (99 + room.SMALL_BYTES)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
        with pytest.raises(Refusal) as refused:
            driver.add(size=100)
        assert refused.value.code == Code.STORAGE_FULL
        assert driver.names() == []

        driver.remove(driver.add(size=99).file)
    driver.add(size=100)


# --- A real full disk

CHILD = """
import json, os, sys
from uuid import UUID
import django
from django.conf import settings
django.setup()
settings.UPLOADS["SPOOL_DIR"] = sys.argv[1]
from uploads import spool
from uploads.core import room
from uploads.core.errors import Refusal
room.RESERVE_BYTES = 0
content = os.urandom(3 << 20)
told = []
writer = spool.Writer(UUID(int=1), 1, len(content))
while writer.offset < len(content):
    try:
        told.append(writer.write(writer.offset, memoryview(content)[writer.offset : writer.offset + (256 << 10)]))
    except Refusal as refusal:
        first = refusal.code
        break
good = writer.path.read_bytes() == content[: writer.offset]
writer.close()
try:
    spool.Writer(UUID(int=2), 1, 1000).write(0, memoryview(bytes(1000)))
    other = "taken"
except Refusal as second:
    other = second.code
print(json.dumps([first, told[-1], writer.offset, good, other]))
"""


def test_a_disk_that_is_really_full_is_said_and_keeps_what_was_acknowledged(tmp_path: Path):
    """A disk of one megabyte where one may be mounted; elsewhere the kernel's limit on a file's size."""
    place = tmp_path / "small"
    place.mkdir()
    mount = f"mount -t tmpfs -o size=1m none {place}"
    may_try = shutil.which("unshare") is not None
    is_disk = may_try and subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode == 0
    shell = ["unshare", "-rm", "sh", "-c", f'{mount} && exec "$@"'] if is_disk else ["sh", "-c", 'ulimit -f 2048; "$@"']
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "erp.settings", "ERP_VAR": str(tmp_path / "var")}

    done = subprocess.run(
        [*shell, "sh", sys.executable, "-c", CHILD, str(place / "spool")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    code, acknowledged, offset, good, other = json.loads(done.stdout)
    assert code == Code.STORAGE_FULL
    assert good
    assert 0 < acknowledged <= offset <= 2 << 20
    assert other == (Code.STORAGE_FULL if is_disk else "taken")
