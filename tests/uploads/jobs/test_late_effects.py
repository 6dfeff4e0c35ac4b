"""Unanswered puts may land in the store long after their file was deleted, but leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.service_time import LEASE_MS
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.files import operations
from uploads.jobs import queue, runner
from uploads.models import StoreJob
from uploads.presence import sockets
from uploads.stores import retry

LATE_SECONDS = retry.LATE_MS / 1000
AGAIN = StoreJob.Kind.DESTROY_RETRY


def unanswered(driver: Driver, backend: UnreliableStore) -> UUID:
    """A file whose put timed out; the store has its bytes and may carry it out at any time."""
    backend.delay_puts()
    file_id = driver.upload()
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORING
    return file_id


def killed_in_the_put(driver: Driver, backend: UnreliableStore, clock: FakeClock) -> UUID:
    """A file whose process was killed during the put; another process stored it a lease later."""
    file_id = driver.upload()
    job = queue.acquire(sockets.start_process())
    assert job is not None

    def kill() -> None:
        raise KeyboardInterrupt

    backend.before["put"] = kill
    with pytest.raises(KeyboardInterrupt):
        runner.run(job)
    clock.advance(LEASE_MS / 1000 + 1)
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    backend._delayed.append((driver.file(file_id).store_key, b"late"))
    return file_id


def stored_at_the_second_try(driver: Driver, backend: UnreliableStore, clock: FakeClock) -> UUID:
    file_id = unanswered(driver, backend)
    clock.advance(1)
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    return file_id


def rejected_after_all_tries(driver: Driver, backend: UnreliableStore, clock: FakeClock) -> UUID:
    backend.delay_puts(retry.MAX_PUTS)
    file_id = driver.upload()
    for _ in range(30):
        run_jobs()
        clock.advance(16)
    assert driver.file_state(file_id) == FileState.REJECTED
    return file_id


def stored_by_a_retry_of_the_user(driver: Driver, backend: UnreliableStore, clock: FakeClock) -> UUID:
    """The first attempt of a new job is not the first of the file."""
    file_id = rejected_after_all_tries(driver, backend, clock)
    operations.retry(driver.id, driver.user, file_id, driver.connect(sockets.start_process()))
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    return file_id


def stored_while_another_runner_was_at_it(driver: Driver, backend: UnreliableStore, clock: FakeClock) -> UUID:
    """The first runner was presumed dead; it gets its response while the put of the second is still in flight."""
    file_id = driver.upload()
    first = queue.acquire(sockets.start_process())
    assert first is not None
    clock.advance(LEASE_MS / 1000 + 1)

    def second() -> None:
        job = queue.acquire(sockets.start_process())
        assert job is not None
        backend.before["put"] = kill
        with pytest.raises(KeyboardInterrupt):
            runner.run(job)

    def kill() -> None:
        backend._delayed.append((driver.file(file_id).store_key, b"late"))
        raise KeyboardInterrupt

    backend.before["put"] = second
    runner.run(first)
    clock.advance(LEASE_MS / 1000 + 1)
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    return file_id


@pytest.mark.parametrize(
    "how",
    [
        killed_in_the_put,
        stored_at_the_second_try,
        rejected_after_all_tries,
        stored_by_a_retry_of_the_user,
        stored_while_another_runner_was_at_it,
    ],
)
@pytest.mark.parametrize("end", ["discard", "remove", "commit without it"])
def test_a_put_that_lands_after_the_delete_is_deleted_again(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore, how: Callable, end: str
):
    file_id = how(driver, unreliable_store, service_clock)
    key = driver.file(file_id).store_key
    if end == "discard":
        lifecycle.discard(driver.id, driver.user)
    else:
        driver.remove(file_id)
        if end == "commit without it":
            driver.commit()
        elif driver.file_state(file_id) == FileState.REMOVED:
            driver.purge(file_id)
    run_jobs()
    assert driver.file_state(file_id) == FileState.DELETED
    unreliable_store.land()
    assert unreliable_store.exists(key)

    service_clock.advance(LATE_SECONDS)
    run_jobs()

    assert not unreliable_store.exists(key)
    assert not StoreJob.objects.exists()


def test_a_draft_is_over_without_waiting_for_the_second_delete(driver: Driver, service_clock, unreliable_store):
    file_id = unanswered(driver, unreliable_store)
    lifecycle.discard(driver.id, driver.user)
    run_jobs()

    assert (driver.state, driver.file_state(file_id)) == ("expired", FileState.DELETED)
    (again,) = StoreJob.objects.all()
    assert (again.kind, again.key) == (AGAIN, driver.file(file_id).store_key)


def test_a_put_in_flight_at_the_discard_is_covered_too(
    driver: Driver, service_clock, unreliable_store: UnreliableStore
):
    """The tab disconnects while the store receives the bytes; the runner is killed before it gets the response."""
    file_id = driver.upload()
    job = queue.acquire(sockets.start_process())
    assert job is not None

    def killed_after_the_discard() -> None:
        lifecycle.discard(driver.id, driver.user)
        raise KeyboardInterrupt

    unreliable_store.before["put"] = killed_after_the_discard
    with pytest.raises(KeyboardInterrupt):
        runner.run(job)
    service_clock.advance(LEASE_MS / 1000 + 1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.DELETED
    assert StoreJob.objects.get().kind == AGAIN


def test_a_late_put_of_a_file_that_was_promoted_leaves_no_second_object(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    file_id = stored_at_the_second_try(driver, unreliable_store, service_clock)
    temp_key = driver.file(file_id).store_key
    driver.commit()
    run_jobs()
    unreliable_store.delaying = 0
    unreliable_store._delayed.append((temp_key, b"late"))
    unreliable_store.land()

    service_clock.advance(LATE_SECONDS)
    run_jobs()

    assert not unreliable_store.exists(temp_key)
    assert unreliable_store.exists(driver.file(file_id).store_key)


@pytest.mark.parametrize("state", ["never sent", "stored at once", "stored long ago"])
def test_what_cannot_land_late_is_deleted_once(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore, state: str
):
    if state == "never sent":
        driver.add()
    elif state == "stored at once":
        driver.store()
    else:
        stored_at_the_second_try(driver, unreliable_store, service_clock)
        service_clock.advance(LATE_SECONDS + 1)
    lifecycle.discard(driver.id, driver.user)
    run_jobs()

    assert driver.state == "expired"
    assert not StoreJob.objects.exists()


def test_a_file_never_has_more_than_one_delete_waiting_to_be_repeated(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    """However many runners come late, the number of rows stays bounded."""
    file_id = driver.upload()
    paused = [job for job in [queue.acquire(sockets.start_process())] if job is not None]
    for _ in range(3):
        service_clock.advance(LEASE_MS / 1000 + 1)
        job = queue.acquire(sockets.start_process())
        assert job is not None
        paused.append(job)
    unreliable_store.before["put"] = lambda: lifecycle.discard(driver.id, driver.user)
    for job in paused:
        runner.run(job)
        service_clock.advance(LEASE_MS / 1000 + 1)
        run_jobs()

    assert list(StoreJob.objects.values_list("kind", flat=True)) == [AGAIN]
    assert driver.file_state(file_id) == FileState.DELETED


def test_a_delete_that_waits_to_be_repeated_holds_no_other_up(driver: Driver, process: UUID, unreliable_store):
    file_id = unanswered(driver, unreliable_store)
    lifecycle.discard(driver.id, driver.user)
    file = driver.file(file_id)
    run_jobs()
    later = StoreJob.objects.create(kind=StoreJob.Kind.DESTROY, file=file, key=file.store_key, not_before_ms=0)

    assert StoreJob.objects.filter(kind=AGAIN, pk__lt=later.pk).exists()
    assert queue.acquire(process) == later
