from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.service_time import LEASE_MS, OUTAGE_MS
from uploads.expiry import set_grace
from uploads.grace.rules import GraceSettings
from uploads.jobs import queue
from uploads.models import Draft, ExpiryFreeze, StoreJob
from uploads.presence import polling, sockets
from uploads.runtime.status import status

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_site_has_a_state_too(service_clock: FakeClock):
    found = status()
    assert (found["drafts"], found["files"], found["bytes"]) == ({}, {}, {"spool": 0, "temp": 0})
    assert found["due_within"] == {"1 min": 0, "10 min": 0, "1 h": 0}
    assert found["freeze"] == {"frozen": False}


def test_it_says_where_n_comes_from(driver: Driver):
    assert status()["grace"] == {"seconds": 10, "seconds_lost": 20, "from": "settings"}
    set_grace.change(GraceSettings(40, 80), "ada")
    found = status()["grace"]
    assert (found["seconds"], found["seconds_lost"], found["from"], found["by"]) == (40, 80, "live", "ada")


def test_it_says_that_service_time_stands_still(service_clock: FakeClock):
    service_clock.advance(7)
    service_clock.outage(OUTAGE_MS / 1000)
    assert status()["clock"] == {"s_ms": 9_000, "tick_age_ms": OUTAGE_MS, "running": True}
    service_clock.outage(0.001)
    assert status()["clock"]["running"] is False


def test_processes_count_by_what_they_can_do(service_clock: FakeClock):
    sockets.start_process()
    service_clock.advance(LEASE_MS / 1000 + 1)
    sockets.start_process()
    sockets.drain(sockets.start_process())
    assert status()["processes"] == {"alive": 1, "draining": 1, "lapsed": 1}


def test_tabs_count_by_how_they_are_there(make_driver: Callable[[], Driver], process: UUID):
    first, second = make_driver(), make_driver()
    first.connect(process)
    first.connect(process)
    polling.touch(second.id, uuid4())
    assert status()["tabs"] == {"sockets": 2, "over_http": 1}


def test_drafts_count_by_state_and_by_when_they_are_due(make_driver: Callable[[], Driver], process: UUID):
    drivers = [make_driver() for _ in range(5)]
    for driver, seconds in zip(drivers, (60, 600, 3_600, 3_601), strict=False):
        Draft.objects.filter(pk=driver.id).update(deadline_ms=seconds * 1000)
    drivers[4].connect(process)

    found = status()

    assert found["drafts"] == {"grace": 4, "open": 1}
    assert found["due_within"] == {"1 min": 1, "10 min": 2, "1 h": 3}


def test_files_and_bytes_count_where_they_lie(driver: Driver):
    stored, waiting = driver.store("a.jpg"), driver.upload("b.jpg")
    found = status()
    assert found["files"] == {"checking": 1, "stored": 1}
    assert found["bytes"] == {"spool": driver.file(waiting).size, "temp": driver.file(stored).size}


def test_jobs_count_by_what_they_wait_for_and_tell_what_went_wrong(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put")
    driver.upload("later.jpg")
    run_jobs()
    driver.upload("now.jpg")
    dead = driver.upload("dead.jpg")
    StoreJob.objects.filter(file=dead).update(dead=True, error="no such bucket")
    claimed = driver.upload("claimed.jpg")
    assert queue.acquire(process, [claimed]) is not None

    found: dict[str, Any] = status()["jobs"]

    assert {name: found["put"][name] for name in ("due", "waiting", "claimed", "dead")} == {
        "due": 1,
        "waiting": 1,
        "claimed": 1,
        "dead": 1,
    }
    assert len(found["put"]["errors"]) == 2
    assert "no such bucket" in found["put"]["errors"]
    assert found["destroy"] == {"due": 0, "waiting": 0, "claimed": 0, "dead": 0, "errors": []}

    service_clock.advance(LEASE_MS / 1000 + 1)
    assert (status()["jobs"]["put"]["claimed"], status()["jobs"]["put"]["due"]) == (0, 3)


def test_a_freeze_shows_with_its_reason_and_how_long_it_lasts(service_clock: FakeClock):
    service_clock.advance(1)
    ExpiryFreeze.objects.create(pk=1, frozen_until_ms=61_000, reason="due", seen={"due": 300})
    assert status()["freeze"] == {"frozen": True, "left_ms": 60_000, "reason": "due", "seen": {"due": 300}}


def test_looking_changes_nothing(driver: Driver, service_clock: FakeClock):
    service_clock.outage(5)
    before = list(Draft.objects.values())
    s_ms = status()["clock"]["s_ms"]
    assert status()["clock"]["s_ms"] == s_ms
    assert list(Draft.objects.values()) == before
