from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError

from tests.support.servers.server import ROOT, Server, copy_of, wait_for
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads.core.service_time import LEASE_MS
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.expiry import sweeper
from uploads.management.commands import uploads_sweep
from uploads.management.commands.uploads_sweep import run_due
from uploads.models import ExpiryFreeze, Process, ServiceClock
from uploads.presence import sockets


def swept(how: str = "--once") -> str:
    said = StringIO()
    call_command("uploads_sweep", how, stdout=said)
    return said.getvalue().strip()


def test_one_sweep_expires_what_is_due_and_deletes_its_objects(driver: Driver, service_clock: FakeClock):
    file_id = driver.store()
    driver.abandon()
    service_clock.advance(10)

    assert swept() == "1 drafts expired, 1 store jobs done"
    assert (driver.state, driver.file_state(file_id)) == ("expired", FileState.DELETED)


def test_a_sweep_finds_nothing_before_its_time_and_does_not_move_it(driver: Driver, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(9)
    before = ServiceClock.objects.get().s_ms

    assert swept() == "0 drafts expired, 0 store jobs done"
    assert ServiceClock.objects.get().s_ms == before
    assert driver.state == "grace"


def test_a_freeze_can_be_lifted(driver: Driver, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(10)
    ExpiryFreeze.objects.create(pk=1, frozen_until_ms=600_000)
    assert swept() == "0 drafts expired, 0 store jobs done"

    assert swept("--unfreeze") == "The freeze was ended.\n1 drafts expired, 0 store jobs done"
    assert swept("--unfreeze") == "Expiry was not frozen.\n0 drafts expired, 0 store jobs done"


def test_a_slow_store_costs_no_lease(driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore):
    """Without one, every server would consider its jobs free and run them a second time concurrently."""
    process_id = sockets.start_process()
    for name in ("front.jpg", "back.jpg", "side.jpg"):
        driver.store(name)
    lifecycle.discard(driver.id, driver.user)
    # 12 s a file: the image and two small pictures.
    unreliable_store.before["destroy"] = lambda: service_clock.advance(4)
    unreliable_store.after["destroy"] = lambda: unreliable_store.before.update(destroy=lambda: service_clock.advance(4))

    assert run_due(process_id) == 3
    assert sockets.renew_lease(process_id)


def test_after_a_lapse_it_begins_no_job_any_more(driver: Driver, service_clock: FakeClock):
    process_id = sockets.start_process()
    driver.store()
    lifecycle.discard(driver.id, driver.user)
    service_clock.advance(LEASE_MS / 1000 + 1)

    assert run_due(process_id) == 0
    assert run_due(sockets.start_process()) == 1


def test_it_leaves_no_process_behind(driver: Driver, service_clock: FakeClock):
    swept()

    assert not Process.objects.exists()


def test_a_loop_outlives_a_restart_of_the_database(
    driver: Driver, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    driver.abandon()
    service_clock.advance(10)
    stop, sweep, away = threading.Event(), sweeper.sweep, iter([True, True])

    def swept_later() -> sweeper.Swept:
        if next(away, False):
            raise OperationalError("the database is away")
        stop.set()
        return sweep()

    monkeypatch.setattr(sweeper, "sweep", swept_later)
    monkeypatch.setattr(uploads_sweep, "HEARTBEAT_SECONDS", 0)

    assert uploads_sweep.Command().sweep_until(stop) == (1, 0)


def test_one_sweep_without_a_database_fails(driver: Driver, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch):
    def away() -> sweeper.Swept:
        raise OperationalError("the database is away")

    monkeypatch.setattr(sweeper, "sweep", away)
    with pytest.raises(OperationalError):
        swept()


def test_a_loop_ends_cleanly_with_sigterm(prepared_var: Path, tmp_path: Path):
    server = Server(copy_of(prepared_var, tmp_path / "var"))
    before = processes(server)
    command = [sys.executable, "-m", "erp", "uploads_sweep", "--loop"]
    loop = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "ERP_VAR": str(server.var)}, stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: processes(server) > before, 20)
    loop.send_signal(signal.SIGTERM)
    said, _ = loop.communicate(timeout=20)

    assert loop.returncode == 0
    assert said.startswith("0 drafts expired, ")
    assert processes(server) == before


def processes(server: Server) -> int:
    return int(server.query("SELECT count(*) FROM draft_uploads_process")[0][0])
