"""A store that is down is left alone: no file fails, nothing is lost, and its recovery is noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.servers.multipart import image
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.files import http_upload
from uploads.models import StoreJob
from uploads.stores.breaker_rules import FAILURES, PAUSE_MS
from uploads.stores.registry import breaker

PAUSE_SECONDS = PAUSE_MS / 1000


@pytest.fixture
def down(driver: Driver, unreliable_store: UnreliableStore) -> UnreliableStore:
    """A store that refuses everything, which as many puts detect as the breaker needs; each lost one attempt."""
    for number in range(FAILURES + 3):
        driver.upload(f"{number}.jpg")
    unreliable_store.refuse("put", times=10**6)
    unreliable_store.refuse("destroy", times=10**6)
    run_jobs()
    return unreliable_store


def recover(backend: UnreliableStore) -> None:
    backend.refusing.clear()


def test_after_enough_failures_no_job_is_begun(down: UnreliableStore):
    assert down.calls["put"] == FAILURES
    assert run_jobs() == 0
    assert StoreJob.objects.filter(attempts=0).count() == 3


def test_after_the_pause_one_job_probes_and_the_others_keep_their_tries(
    down: UnreliableStore, service_clock: FakeClock
):
    before = sum(StoreJob.objects.values_list("attempts", flat=True))
    for probes in range(1, 5):
        service_clock.advance(PAUSE_SECONDS)
        run_jobs()
        assert sum(StoreJob.objects.values_list("attempts", flat=True)) == before + probes


def test_an_outage_of_the_store_rejects_no_file_that_waits(
    driver: Driver, down: UnreliableStore, service_clock: FakeClock
):
    """Tabs show them as being processed; after the outage they are stored without anybody's help."""
    for _ in range(12):
        service_clock.advance(PAUSE_SECONDS)
        run_jobs()
    assert {file.state for file in driver.draft.files.all()} <= {FileState.CHECKING, FileState.STORING}

    recover(down)
    for _ in range(4):
        service_clock.advance(PAUSE_SECONDS)
        run_jobs()

    assert {file.state for file in driver.draft.files.all()} == {FileState.STORED}


def test_an_outage_of_25_seconds_rejects_no_file_that_is_alone_with_it(
    driver: Driver, unreliable_store: UnreliableStore, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    """With the worst luck: nobody else finds out that the store is down."""
    monkeypatch.setattr("uploads.jobs.runner.random.random", lambda: 0.0)
    file_id = driver.upload()
    unreliable_store.refuse("put", times=10**6)
    run_jobs()
    for _ in range(50):
        service_clock.advance(0.5)
        run_jobs()
    assert driver.file_state(file_id) == FileState.STORING

    recover(unreliable_store)
    for _ in range(4):
        service_clock.advance(PAUSE_SECONDS)
        run_jobs()
    assert driver.file_state(file_id) == FileState.STORED


def test_one_answer_lets_everybody_in_again(driver: Driver, down: UnreliableStore, service_clock: FakeClock):
    recover(down)
    service_clock.advance(PAUSE_SECONDS)

    assert run_jobs() >= 3
    assert not breaker().is_open()


def test_a_job_that_always_fails_does_not_keep_the_others_out(
    driver: Driver, make_driver: Callable[[], Driver], unreliable_store: UnreliableStore, service_clock: FakeClock
):
    poison = driver.upload("poison.jpg")
    refused_key = driver.file(poison).store_key
    unreliable_store.refused_keys.add(refused_key)
    for _ in range(40):
        service_clock.advance(4)
        run_jobs()
        if breaker().is_open():
            break
    good = driver.upload("good.jpg")
    for _ in range(3):
        service_clock.advance(PAUSE_SECONDS)
        run_jobs()

    assert driver.file_state(good) == FileState.STORED


def test_a_save_of_stored_files_needs_no_store(
    driver: Driver, make_driver: Callable[[], Driver], unreliable_store: UnreliableStore, service_clock: FakeClock
):
    other = make_driver()
    file_id = other.store()
    for number in range(FAILURES):
        driver.upload(f"{number}.jpg")
    unreliable_store.refuse("put", times=10**6)
    run_jobs()
    assert breaker().is_open()

    assert other.commit().url == "/products/7/"
    assert other.file_state(file_id) == FileState.LINKED


def test_a_file_sent_by_request_is_refused_at_once(driver: Driver, down: UnreliableStore):
    calls = down.calls["put"]
    with pytest.raises(Refusal) as refused:
        http_upload.accept(driver.id, driver.user, image(), ("main_image", None), None)

    assert refused.value.code == Code.STORE_UNAVAILABLE
    assert down.calls["put"] == calls


def test_a_discard_during_an_outage_is_carried_out_after_it(
    driver: Driver, down: UnreliableStore, service_clock: FakeClock
):
    lifecycle.discard(driver.id, driver.user)
    run_jobs()
    assert driver.state == "expiring"

    recover(down)
    service_clock.advance(PAUSE_SECONDS)
    run_jobs()

    assert driver.state == "expired"
