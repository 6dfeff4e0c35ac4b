"""Promote and destroy jobs: what a product shows is never lost, and what nobody shows is never kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core.service_time import LEASE_MS
from uploads.core.small_pictures import WIDTHS
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.drafts.commit import release
from uploads.jobs import queue, runner
from uploads.models import StoreJob
from uploads.signals import file_promoted
from uploads.stores.registry import current_store
from uploads.stores.retry import CAP_MS, LATE_MS, MAX_ATTEMPTS

OBJECTS = 1 + len(WIDTHS)
"""Of one file: the image and its small pictures."""
LEASE_SECONDS = LEASE_MS / 1000


@pytest.fixture
def promoted():
    """Collects the `file_promoted` signals; a test may make the receiver raise."""

    class Receiver(list[tuple[UUID, str]]):
        failing = False

        def __call__(self, *, file: UUID, url: str, **_: Any) -> None:
            if self.failing:
                raise ValueError("the host cannot now")
            self.append((file, url))

    receiver = Receiver()
    file_promoted.connect(receiver)
    yield receiver
    file_promoted.disconnect(receiver)


def test_a_promotion_moves_the_object_and_tells_the_host_its_lasting_address(driver: Driver, promoted):
    file_id = driver.store()
    temp_key = driver.file(file_id).store_key
    driver.commit()
    run_jobs()

    file = driver.file(file_id)
    assert file.state == FileState.PERMANENT
    assert file.store_key.startswith("media/product_files/7/erp-")
    assert current_store().exists(file.store_key)
    assert not current_store().exists(temp_key)
    assert promoted == [(file_id, current_store().url(file.store_key, {}))]


def test_a_promotion_takes_away_the_spool_that_a_late_writer_left(driver: Driver):
    file_id = driver.store()
    spool.Writer(file_id, 9, 10).close()
    driver.commit()
    run_jobs()

    assert spool.latest(file_id) is None


def test_a_promotion_whose_answer_was_lost_is_done_once_for_the_host(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore, promoted
):
    file_id = driver.store()
    driver.commit()
    unreliable_store.lose_answers("promote")
    run_jobs()
    assert driver.file_state(file_id) == FileState.LINKED

    service_clock.advance(1)
    run_jobs()

    assert unreliable_store.exists(driver.file(file_id).store_key)
    assert [told for told, _ in promoted] == [file_id]


def test_a_promotion_that_took_its_source_away_before_its_answer_was_lost_is_found_done(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    """A store that renames instead of copying."""
    file_id = driver.store()
    temp_key = driver.file(file_id).store_key
    driver.commit()
    unreliable_store.after["promote"] = lambda: unreliable_store.destroy(temp_key)
    unreliable_store.lose_answers("promote")
    run_jobs()
    assert not unreliable_store.exists(temp_key)

    service_clock.advance(1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.PERMANENT
    assert unreliable_store.exists(driver.file(file_id).store_key)


def test_a_receiver_that_raises_undoes_the_switch_until_a_later_try(driver: Driver, service_clock: FakeClock, promoted):
    file_id = driver.store()
    key = driver.file(file_id).store_key
    driver.commit()
    promoted.failing = True
    run_jobs()
    assert (driver.file_state(file_id), driver.file(file_id).store_key) == (FileState.LINKED, key)
    assert current_store().exists(key)

    promoted.failing = False
    service_clock.advance(1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.PERMANENT
    assert [told for told, _ in promoted] == [file_id]


def test_a_paused_promoter_that_wakes_late_does_not_destroy_the_permanent_object(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    file_id = driver.store()
    driver.commit()
    paused = queue.acquire(process)
    assert paused is not None
    assert paused.kind == StoreJob.Kind.PROMOTE
    service_clock.advance(LEASE_SECONDS + 1)
    run_jobs()
    assert driver.file_state(file_id) == FileState.PERMANENT

    runner.run(paused)
    run_jobs()

    assert current_store().exists(driver.file(file_id).store_key)


def test_a_file_released_during_its_promotion_leaves_neither_object(driver: Driver, unreliable_store: UnreliableStore):
    file_id = driver.store()
    temp_key = driver.file(file_id).store_key
    driver.commit()
    permanent_key = StoreJob.objects.get().key
    unreliable_store.before["promote"] = lambda: release([file_id])

    run_jobs()

    assert driver.file_state(file_id) == FileState.DELETED
    assert not unreliable_store.exists(temp_key)
    assert not unreliable_store.exists(permanent_key)


def test_a_copy_that_lands_after_the_release_of_a_file_whose_promoter_was_killed_is_deleted_again(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    file_id = driver.store()
    driver.commit()
    job = queue.acquire(process)
    assert job is not None

    def kill() -> None:
        raise KeyboardInterrupt

    unreliable_store.before["promote"] = kill
    with pytest.raises(KeyboardInterrupt):
        runner.run(job)
    release([file_id])
    service_clock.advance(LEASE_SECONDS + 1)
    run_jobs()
    assert driver.file_state(file_id) == FileState.DELETED
    unreliable_store.put(job.key, BytesIO(b"late"), "")

    service_clock.advance(LATE_MS / 1000)
    run_jobs()

    assert not unreliable_store.exists(job.key)
    assert not StoreJob.objects.exists()


def test_the_copy_of_a_promotion_that_was_given_up_goes_with_its_file(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    file_id = driver.store()
    driver.commit()
    unreliable_store.lose_answers("promote")
    StoreJob.objects.update(attempts=MAX_ATTEMPTS - 1)
    run_jobs()
    dead = StoreJob.objects.get()
    assert (dead.dead, unreliable_store.exists(dead.key)) == (True, True)

    release([file_id])
    service_clock.advance(CAP_MS / 1000)
    run_jobs()

    assert driver.file_state(file_id) == FileState.DELETED
    assert not unreliable_store.exists(dead.key)


def test_a_promotion_that_keeps_failing_is_kept_dead_and_the_file_keeps_its_bytes(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    file_id = driver.store()
    driver.commit()
    unreliable_store.refuse("promote", times=1000)
    StoreJob.objects.update(attempts=MAX_ATTEMPTS - 1)

    run_jobs()

    assert StoreJob.objects.get().dead
    service_clock.advance(600)
    assert run_jobs() == 0
    assert driver.file_state(file_id) == FileState.LINKED
    assert unreliable_store.exists(driver.file(file_id).store_key)


# --- Destroy


def test_a_refused_destroy_is_tried_again_until_the_draft_is_empty(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    key = driver.file(driver.store()).store_key
    unreliable_store.refuse("destroy")
    lifecycle.discard(driver.id, driver.user)
    run_jobs()
    assert driver.state == "expiring"
    assert unreliable_store.exists(key)

    service_clock.advance(1)
    run_jobs()

    assert driver.state == "expired"
    assert not unreliable_store.exists(key)


def test_a_destroy_whose_answer_was_lost_runs_twice_and_ends(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    driver.store()
    unreliable_store.lose_answers("destroy")
    lifecycle.discard(driver.id, driver.user)
    run_jobs()

    service_clock.advance(1)
    run_jobs()

    assert driver.state == "expired"
    # The first one again, and then the others.
    assert unreliable_store.calls["destroy"] == 1 + OBJECTS


def test_running_for_a_set_of_files_stops_at_its_deadline(
    driver: Driver, process: UUID, unreliable_store: UnreliableStore
):
    made = [driver.store(f"{number}.jpg") for number in range(3)]
    lifecycle.discard(driver.id, driver.user)

    runner.run_for(made, process, seconds=0)
    assert unreliable_store.calls["destroy"] == 0
    runner.run_for(made[:2], process, seconds=5)

    assert unreliable_store.calls["destroy"] == 2 * OBJECTS
    assert driver.state == "expiring"
