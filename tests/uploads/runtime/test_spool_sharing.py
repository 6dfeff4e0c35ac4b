from __future__ import annotations

import errno
import logging
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads import spool
from uploads.core.service_time import LEASE_MS
from uploads.models import Process
from uploads.presence import sockets
from uploads.runtime import spool_sharing


@pytest.fixture
def other(driver: Driver, process: UUID) -> UUID:
    """A server process with a tab, which has marked the spool."""
    spool_sharing.announce(process)
    driver.connect(process)
    return process


def test_processes_that_share_the_spool_know_each_other(other: UUID, caplog: pytest.LogCaptureFixture):
    mine = sockets.start_process()
    spool_sharing.announce(mine)
    spool_sharing.check()

    assert spool_sharing.foreign_processes() == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_process_with_another_spool_is_found_and_said(other: UUID, settings, tmp_path: Path, caplog):
    settings.UPLOADS = {**settings.UPLOADS, "SPOOL_DIR": str(tmp_path / "another disk")}
    spool_sharing.announce(sockets.start_process())

    assert spool_sharing.foreign_processes() == [other]
    spool_sharing.check()
    assert "is not shared" in caplog.text


def test_a_process_that_died_or_holds_no_socket_is_no_stranger(
    driver: Driver, service_clock: FakeClock, settings, tmp_path: Path, other: UUID
):
    sockets.start_process()
    settings.UPLOADS = {**settings.UPLOADS, "SPOOL_DIR": str(tmp_path / "another disk")}
    service_clock.advance(LEASE_MS / 1000 + 1)

    assert spool_sharing.foreign_processes() == []


def test_the_marks_of_processes_that_are_gone_are_removed_and_no_spool_is(driver: Driver, other: UUID):
    lease = driver.add()
    driver.send(lease, b"x")
    Process.objects.filter(pk=other).delete()

    spool_sharing.check()

    assert [path.name for path in spool.directory().iterdir()] == [f"{lease.file}.1"]
    assert spool.strays(-1) == {lease.file}


def test_a_disk_without_room_for_a_mark_does_not_stop_the_supervisor(
    process: UUID, monkeypatch: pytest.MonkeyPatch, caplog
):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    spool.directory()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", full)
        spool_sharing.announce(process)

    assert "could not announce itself" in caplog.text
