from __future__ import annotations

import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from tests.support.desk import Desk
from tests.support.server import ROOT, Server, copy_of, wait_for
from tests.support.service_clock import FakeClock
from uploads.core.states import FileState
from uploads.models import BlastBrake, Process, ServiceClock


def swept(how: str = "--once") -> str:
    said = StringIO()
    call_command("uploads_sweep", how, stdout=said)
    return said.getvalue().strip()


def test_one_sweep_expires_what_is_due_and_deletes_its_objects(desk: Desk, service_clock: FakeClock):
    file_id = desk.store()
    desk.abandon()
    service_clock.advance(10)

    assert swept() == "1 drafts expired, 1 store jobs done"
    assert (desk.state, desk.file_state(file_id)) == ("expired", FileState.DELETED)


def test_a_sweep_finds_nothing_before_its_time_and_does_not_move_it(desk: Desk, service_clock: FakeClock):
    desk.abandon()
    service_clock.advance(9)
    before = ServiceClock.objects.get().s_ms

    assert swept() == "0 drafts expired, 0 store jobs done"
    assert ServiceClock.objects.get().s_ms == before
    assert desk.state == "grace"


def test_a_freeze_can_be_lifted(desk: Desk, service_clock: FakeClock):
    desk.abandon()
    service_clock.advance(10)
    BlastBrake.objects.create(pk=1, frozen_until_ms=600_000)
    assert swept() == "0 drafts expired, 0 store jobs done"

    assert swept("--thaw") == "The freeze is lifted.\n1 drafts expired, 0 store jobs done"
    assert swept("--thaw") == "Expiry was not frozen.\n0 drafts expired, 0 store jobs done"


def test_it_leaves_no_process_behind(desk: Desk, service_clock: FakeClock):
    swept()

    assert not Process.objects.exists()


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
