"""Store jobs: which process runs them, how a failing store affects them, and what each kind leaves behind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support.images.pictures import picture
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from tests.verification.races import Races, race
from uploads import spool
from uploads.core.errors import Code
from uploads.core.service_time import LEASE_MS
from uploads.core.small_pictures import WIDTHS
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.files import operations
from uploads.jobs import queue, runner
from uploads.models import File, StoreJob
from uploads.presence import sockets
from uploads.runtime.threads import STORE_SLOTS
from uploads.stores import retry
from uploads.stores.registry import breaker, current_store

LEASE_SECONDS = LEASE_MS / 1000


def run_until_quiet(clock: FakeClock, seconds: float) -> None:
    """Advance time and run what is due, as a heartbeat does."""
    for _ in range(int(seconds / 10)):
        clock.advance(10)
        run_jobs()


# --- Acquiring


def test_jobs_of_one_file_run_one_at_a_time_in_the_order_they_were_written(driver: Driver, process: UUID):
    file_id = driver.upload()
    first = queue.acquire(process)
    assert first is not None
    assert first.kind == StoreJob.Kind.PUT
    driver.remove(file_id)

    assert queue.acquire(process) is None
    runner.run(first)
    second = queue.acquire(process)
    assert second is not None
    assert second.kind == StoreJob.Kind.DESTROY


def test_a_put_that_waits_for_its_next_try_does_not_hold_the_delete_up(
    driver: Driver, process: UUID, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put")
    file_id = driver.upload()
    run_jobs()
    assert StoreJob.objects.get().kind == StoreJob.Kind.PUT

    driver.remove(file_id)
    run_jobs()

    assert driver.file_state(file_id) == FileState.DELETED


def test_a_job_is_not_due_before_its_time(driver: Driver, process: UUID, service_clock: FakeClock, settings):
    settings.UPLOADS = {**settings.UPLOADS, "PROMOTE_DELAY_SECONDS": 30}
    driver.store()
    driver.commit()

    assert queue.acquire(process) is None
    service_clock.advance(30)
    assert queue.acquire(sockets.start_process()) is not None


def test_a_claim_falls_free_when_the_claimers_lease_lapses(driver: Driver, process: UUID, service_clock: FakeClock):
    file_id = driver.upload()
    assert queue.acquire(process) is not None
    other = sockets.start_process()
    service_clock.advance(LEASE_SECONDS, alive=[other])
    assert queue.acquire(other) is None

    service_clock.advance(1, alive=[other])
    taken_over = queue.acquire(other)

    assert taken_over is not None
    runner.run(taken_over)
    assert driver.file_state(file_id) == FileState.STORED


def test_a_claimer_that_pauses_after_its_claim_never_takes_anothers_claim_for_its_own(
    driver: Driver, process: UUID, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    driver.upload()
    other, begin = sockets.start_process(), breaker().begin

    def pause() -> None:
        monkeypatch.setattr(breaker(), "begin", begin)
        service_clock.advance(LEASE_SECONDS + 1, alive=[other])
        assert queue.acquire(other) is not None

    monkeypatch.setattr(breaker(), "begin", pause)
    paused = queue.acquire(process)

    assert paused is not None
    assert paused.acquired_by_id == process


def test_what_a_process_acquired_and_does_not_run_is_given_back(driver: Driver, process: UUID):
    driver.upload()
    driver.upload()
    running = queue.acquire(process)
    assert running is not None
    assert queue.acquire(process) is not None

    assert queue.release_lost(process, {running.pk}) == 1
    assert list(StoreJob.objects.filter(acquired_by=process)) == [running]


def test_a_job_is_free_again_when_the_row_of_its_process_is_gone(driver: Driver, process: UUID):
    driver.upload()
    with sockets.temporary_worker() as worker:
        assert queue.acquire(worker.pk) is not None

    assert queue.acquire(process) is not None


def test_acquiring_for_some_files_leaves_the_others(driver: Driver, process: UUID):
    driver.upload("a.jpg")
    wanted = driver.upload("b.jpg")

    job = queue.acquire(process, [wanted])

    assert job is not None
    assert job.file_id == wanted
    assert queue.acquire(process, [wanted]) is None


def test_each_job_is_acquired_by_one_of_many_runners(driver: Driver):
    processes = [sockets.start_process() for _ in range(4)]
    made = {driver.upload(f"{number}.jpg") for number in range(queue.PUTS_PER_OWNER * len(processes))}

    def acquire_all(process: UUID) -> list[UUID]:
        acquired = []
        while (job := queue.acquire(process)) is not None:
            acquired.append(job.file_id)
        connection.close()
        return acquired

    acquired = [
        file_id for found in race(*(partial(acquire_all, process) for process in processes)) for file_id in found
    ]

    assert len(acquired) == len(made)
    assert set(acquired) == made


def test_the_images_of_one_user_leave_room_for_those_of_others(
    driver: Driver, make_driver: Callable[..., Driver], other_user: User, process: UUID
):
    """Twelve slow ones made the next user wait for two minutes."""
    many = [driver.upload(f"{number}.jpg") for number in range(6)]
    taken = [queue.acquire(process) for _ in range(STORE_SLOTS)]
    assert [job and job.file_id for job in taken] == [*many[: STORE_SLOTS - 1], None]

    other = make_driver(other_user).upload()
    last = queue.acquire(process)
    assert last is not None
    assert last.file_id == other


def test_a_user_with_fewer_images_at_work_comes_first(
    driver: Driver, make_driver: Callable[..., Driver], other_user: User, process: UUID
):
    many = [driver.upload(f"{number}.jpg") for number in range(3)]
    other = make_driver(other_user).upload()
    taken = [queue.acquire(process) for _ in range(3)]

    assert [job and job.file_id for job in taken] == [many[0], other, many[1]]


@pytest.mark.parametrize("end", ["remove", "discard"])
def test_a_late_answer_of_the_store_and_a_delete_leave_no_object_behind(
    make_driver: Callable[[], Driver], process: UUID, races: Races, end: str
):
    for _ in races.rounds(300):
        driver = make_driver()
        file_id = driver.upload(content=b"bytes")
        checked = {"stored_size": 5, "stored_sha256": hashlib.sha256(b"bytes").hexdigest()}
        File.objects.filter(pk=file_id).update(state=FileState.STORING, **checked)
        spool.clean_path(file_id).write_bytes(b"bytes")
        job = queue.acquire(process)
        assert job is not None
        before = driver.draft.revision
        act = partial(driver.remove, file_id) if end == "remove" else partial(lifecycle.discard, driver.id, driver.user)

        races.race(answer=partial(runner.run, job), delete=act)

        if end == "remove":
            answered = driver.file_state(file_id) == FileState.REMOVED
            assert answered or driver.file_state(file_id) == FileState.DELETING
            lifecycle.discard(driver.id, driver.user)
        else:
            # A response that arrives while the draft is live changes it too.
            answered = driver.draft.revision == before + 2
        races.won("answer" if answered else "delete")
        # The delete that is repeated for a late put is due at once here.
        StoreJob.objects.update(not_before_ms=0)
        run_jobs()
        assert driver.file_state(file_id) == FileState.DELETED
        assert not current_store().exists(job.key)
        assert not StoreJob.objects.exists()


# --- Put


def test_a_put_stores_the_bytes_and_drops_the_spool(driver: Driver):
    file_id = driver.upload(content=picture(seed=3))

    run_jobs()

    file = driver.file(file_id)
    assert (file.state, file.width, file.height) == (FileState.STORED, 320, 240)
    backend = current_store()
    with backend.open(file.store_key) as stored:  # type: ignore[attr-defined]
        assert stored.read() == picture(seed=3)
    assert spool.latest(file_id) is None
    assert not StoreJob.objects.exists()


def test_a_rejected_image_says_why_and_loses_its_bytes(driver: Driver):
    file_id = driver.upload(content=picture()[:-2000])

    run_jobs()

    file = driver.file(file_id)
    assert (file.state, file.error_code) == (FileState.REJECTED, Code.IMAGE_TRUNCATED)
    assert file.error_message
    assert spool.latest(file_id) is None
    assert not StoreJob.objects.exists()


def test_a_refused_put_is_tried_again_later(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put")
    file_id = driver.upload()
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORING
    assert queue.acquire(process) is None

    service_clock.advance(1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.STORED


def test_a_put_whose_answer_was_lost_ends_stored(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.lose_answers("put")
    file_id = driver.upload()
    run_jobs()

    service_clock.advance(1)
    run_jobs()

    assert driver.file_state(file_id) == FileState.STORED
    assert unreliable_store.calls["put"] == 2 + len(WIDTHS)


def test_a_store_that_stays_down_rejects_the_file_and_a_retry_needs_no_new_bytes(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put", times=retry.MAX_PUTS)
    file_id = driver.upload()
    run_jobs()
    run_until_quiet(service_clock, 300)
    assert driver.file(file_id).error_code == Code.STORE_UNAVAILABLE
    socket_id = driver.connect(sockets.start_process())

    lease = operations.retry(driver.id, driver.user, file_id, socket_id)
    run_jobs()

    assert lease.epoch is None
    assert driver.file_state(file_id) == FileState.STORED


def test_lost_spool_bytes_ask_for_the_file_again(driver: Driver):
    file_id = driver.upload()
    spool.drop(file_id)

    run_jobs()

    assert driver.file(file_id).error_code == Code.SERVER_ERROR
    lease = operations.retry(driver.id, driver.user, file_id, driver.connect(sockets.start_process()))
    assert lease.epoch is not None


def test_a_put_that_lands_after_the_delete_leaves_nothing_in_the_store(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    """The paused runner's lease lapses; another one finds the draft discarded and deletes before the put lands."""
    file_id = driver.upload()
    late = queue.acquire(process)
    assert late is not None

    def meanwhile() -> None:
        service_clock.advance(LEASE_SECONDS + 1)
        lifecycle.discard(driver.id, driver.user)
        run_jobs()
        assert driver.file_state(file_id) == FileState.DELETED

    unreliable_store.before["put"] = meanwhile
    runner.run(late)
    run_jobs()

    assert not unreliable_store.exists(late.key)


def test_a_paused_runner_does_not_drop_the_bytes_that_a_retry_needs(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    file_id = driver.upload()
    paused = queue.acquire(process)
    assert paused is not None

    def meanwhile() -> None:
        service_clock.advance(LEASE_SECONDS + 1)
        unreliable_store.refuse("put", times=retry.MAX_PUTS)
        run_until_quiet(service_clock, 300)
        assert driver.file(file_id).error_code == Code.STORE_UNAVAILABLE
        operations.retry(driver.id, driver.user, file_id, driver.connect(sockets.start_process()))

    unreliable_store.after["put"] = meanwhile
    runner.run(paused)
    run_until_quiet(service_clock, 300)

    assert driver.file_state(file_id) == FileState.STORED


def test_a_draft_discarded_during_the_put_ends_with_an_empty_store(driver: Driver, unreliable_store: UnreliableStore):
    file_id = driver.upload()
    key = driver.file(file_id).store_key
    at_the_end: list[int] = []

    def discard() -> None:
        lifecycle.discard(driver.id, driver.user)
        at_the_end.append(driver.draft.revision)

    unreliable_store.before["put"] = discard

    run_jobs()

    assert driver.draft.revision == at_the_end[0]
    assert driver.file_state(file_id) == FileState.DELETED
    assert not unreliable_store.exists(key)
    assert driver.state == "expired"


def test_a_paused_runner_that_fails_late_does_not_free_the_claim_of_another(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    driver.upload()
    paused = queue.acquire(process)
    assert paused is not None
    service_clock.advance(LEASE_SECONDS + 1)
    other, third = sockets.start_process(), sockets.start_process()
    assert queue.acquire(other) is not None

    unreliable_store.refuse("put")
    runner.run(paused)
    service_clock.advance(10, alive=[other, third])

    assert queue.acquire(third) is None


def test_a_paused_runner_that_succeeds_late_does_not_finish_the_job_of_another(
    driver: Driver, process: UUID, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    """Otherwise the destroy after it could start while the other process's put is still in flight."""
    file_id = driver.upload()
    paused = queue.acquire(process)
    assert paused is not None
    service_clock.advance(LEASE_SECONDS + 1)
    assert queue.acquire(sockets.start_process()) is not None
    driver.remove(file_id)

    runner.run(paused)

    assert queue.acquire(sockets.start_process()) is None
