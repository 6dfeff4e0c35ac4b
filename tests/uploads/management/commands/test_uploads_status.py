from __future__ import annotations

import json
from io import StringIO
from uuid import UUID

from django.core.management import call_command

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads.models import ExpiryFreeze, File, StoreJob
from uploads.runtime.status import status


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("uploads_status", *arguments, stdout=out)
    return out.getvalue()


def test_a_program_reads_everything(driver: Driver):
    assert json.loads(said("--json")) == json.loads(json.dumps(status()))


def test_a_person_reads_what_is_open_and_due(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.upload()
    StoreJob.objects.update(dead=True, error="no such bucket")
    service_clock.advance(2, alive=[process])
    driver.connect(process)

    lines = said().splitlines()

    assert lines[:8] == [
        "N: 10 s after a clean close, 20 s after a loss (from the settings)",
        "Service time: 2 s, last ticked 0.0 s ago",
        "Processes: 1 alive, 0 draining, 0 lapsed",
        "Tabs: 1 by socket, 0 over HTTP",
        "Drafts: 1 open",
        "Drafts due: 0 within 1 min, 0 within 10 min, 0 within 1 h",
        "Files: 1 checking",
        f"Bytes: {spool_megabytes(driver):.1f} MB in spool, 0.0 MB in temp",
    ]
    assert "Jobs to put: 0 due, 0 waiting, 0 claimed, 1 dead" in lines
    assert "    no such bucket" in lines


def spool_megabytes(driver: Driver) -> float:
    return driver.draft.files.get().size / 1e6


def test_alarms_are_loud(driver: Driver, service_clock: FakeClock):
    File.objects.filter(pk=driver.store()).update(store_name="cloudinary shop")
    ExpiryFreeze.objects.create(pk=1, frozen_until_ms=300_000, reason="lost", seen={"lost": 30, "sockets": 40})
    service_clock.outage(60)

    told = said()

    assert "STANDING STILL" in told
    assert "EXPIRY IS FROZEN for 298 s (lost: 30 lost, 40 sockets)" in told
    assert "uploads_sweep --unfreeze" in told
    assert "IN ANOTHER STORE (cloudinary shop): 1 files" in told
