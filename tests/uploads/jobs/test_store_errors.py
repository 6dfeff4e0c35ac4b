"""What a store reports is kept and obeyed: receipts, moved objects, permanent refusals, and requests to back off."""

from __future__ import annotations

import json
import logging

import pytest

from tests.support.servers.multipart import image
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core.errors import Code, Refusal
from uploads.core.small_pictures import WIDTHS
from uploads.core.states import FileState
from uploads.files import http_upload
from uploads.models import StoreJob
from uploads.stores.base import StoreError
from uploads.stores.breaker_rules import FAILURES, MAX_WAIT_MS
from uploads.stores.registry import breaker
from uploads.stores.retry import MAX_PUTS

RECEIPT = {"asset_id": "0f", "version": 7}
LET_NOBODY_IN = StoreError("HTTP 401", wait_ms=60_000, operator=True)


# --- Receipts


def test_the_receipt_is_kept_with_the_object_and_given_back_for_its_promotion(
    driver: Driver, unreliable_store: UnreliableStore
):
    unreliable_store.told, unreliable_store.moving = RECEIPT, True
    file_id = driver.store()
    assert driver.file(file_id).receipt == RECEIPT

    driver.commit()
    run_jobs()

    assert driver.file_state(file_id) == FileState.PERMANENT
    assert driver.file(file_id).receipt == {**RECEIPT, "moved": True}


# --- What a promotion leaves behind


def test_nothing_is_destroyed_where_the_object_itself_was_moved(driver: Driver, unreliable_store: UnreliableStore):
    unreliable_store.moving = True
    file_id = driver.store()
    driver.commit()
    run_jobs()

    assert unreliable_store.calls["promote"] == 1 + len(WIDTHS)
    assert "destroy" not in unreliable_store.calls
    assert unreliable_store.exists(driver.file(file_id).store_key)
    assert not StoreJob.objects.exists()


@pytest.mark.parametrize("verb", ["put", "promote"])
def test_the_old_place_is_cleared_where_an_unanswered_call_may_still_fill_it(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore, verb: str
):
    unreliable_store.moving = True
    unreliable_store.lose_answers(verb)
    file_id = driver.upload()
    run_jobs()
    service_clock.advance(1)
    run_jobs()
    key = driver.file(file_id).store_key
    driver.commit()
    run_jobs()
    service_clock.advance(1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.PERMANENT
    assert unreliable_store.calls["destroy"] == 1 + len(WIDTHS)
    again = StoreJob.objects.get()
    assert (again.kind, again.key) == (StoreJob.Kind.DESTROY_RETRY, key)


# --- Permanent refusals


def refusing(store: UnreliableStore, code: Code = Code.IMAGE_UNREADABLE) -> None:
    store.fail("put", StoreError("put: HTTP 400", refused=code), times=100)


def test_an_image_that_the_store_will_never_take_is_refused_at_once(driver: Driver, unreliable_store: UnreliableStore):
    refusing(unreliable_store)
    file_id = driver.upload()
    run_jobs()

    file = driver.file(file_id)
    assert (file.state, file.error_code) == (FileState.REJECTED, Code.IMAGE_UNREADABLE)
    assert unreliable_store.calls["put"] == 1
    assert spool.latest(file_id) is None


def test_images_it_will_not_take_do_not_make_a_store_count_as_down(driver: Driver, unreliable_store: UnreliableStore):
    refusing(unreliable_store, Code.TOO_LARGE)
    for number in range(FAILURES + 1):
        driver.upload(f"{number}.jpg")
    run_jobs()

    assert unreliable_store.calls["put"] == FAILURES + 1
    assert not breaker().is_open()


def test_objects_that_are_nowhere_do_not_make_a_store_count_as_down(driver: Driver, unreliable_store: UnreliableStore):
    """A site that was moved to another store: its uploads must not be held up by objects that are not there."""
    made = [driver.store(f"{number}.jpg") for number in range(FAILURES + 1)]
    for file_id in made:
        unreliable_store.destroy(driver.file(file_id).store_key)
    driver.commit()
    run_jobs()

    assert unreliable_store.calls["promote"] == FAILURES + 1
    assert not breaker().is_open()


def test_a_file_sent_by_request_is_told_why_the_store_refused_it(driver: Driver, unreliable_store: UnreliableStore):
    refusing(unreliable_store, Code.TOO_LARGE)
    with pytest.raises(Refusal) as refused:
        http_upload.accept(driver.id, driver.user, image(), ("main_image", None), None)

    assert (refused.value.code, refused.value.retryable) == (Code.TOO_LARGE, False)
    assert driver.names() == []


# --- Requests to back off


def test_a_store_that_asks_for_it_is_left_alone_at_once_and_for_as_long(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.fail("put", StoreError("put: HTTP 429", wait_ms=120_000))
    made = [driver.upload(f"{number}.jpg") for number in range(3)]
    run_jobs()
    service_clock.advance(119)
    run_jobs()
    assert unreliable_store.calls["put"] == 1

    service_clock.advance(2)
    run_jobs()

    assert {driver.file_state(file_id) for file_id in made} == {FileState.STORED}


def test_nobody_waits_for_a_year_because_an_answer_said_so(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.fail("put", StoreError("put: HTTP 420", wait_ms=10**12))
    file_id = driver.upload()
    run_jobs()

    service_clock.advance(MAX_WAIT_MS / 1000 + 1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.STORED


def test_credentials_that_are_wrong_cost_no_file_a_try_and_raise_an_alarm(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore, caplog: pytest.LogCaptureFixture
):
    unreliable_store.fail("put", LET_NOBODY_IN, times=3 * MAX_PUTS)
    file_id = driver.upload()
    for _ in range(3 * MAX_PUTS):
        run_jobs()
        service_clock.advance(61)
    assert (driver.file_state(file_id), StoreJob.objects.get().attempts) == (FileState.STORING, 0)
    alarms = [
        record for record in caplog.records if record.levelno == logging.ERROR and record.name == "uploads.events"
    ]
    assert {json.loads(record.message)["event"] for record in alarms} == {"store_credentials_refused"}

    run_jobs()

    assert driver.file_state(file_id) == FileState.STORED
