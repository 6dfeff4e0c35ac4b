"""The heartbeat supervisor of a server process, running for real."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver
from uploads import api
from uploads.core.service_time import LEASE_MS, Cause
from uploads.core.small_pictures import WIDTHS
from uploads.core.states import FileState
from uploads.grace import clock
from uploads.images.worker_pool import worker_pool
from uploads.jobs import queue
from uploads.models import Draft, Process, ServiceClock, StoreJob
from uploads.presence import sockets
from uploads.runtime import heartbeat, threads
from uploads.runtime.heartbeat import HeartbeatResult, HeartbeatSupervisor
from uploads.runtime.threads import database
from uploads.stores import account
from uploads.stores.registry import current_store

# --- One heartbeat


def test_a_beat_moves_service_time_and_renews_the_lease(process: UUID, service_clock: FakeClock):
    service_clock.now_ms += 1_000
    assert heartbeat.run_once(process) == HeartbeatResult(alive=True, jobs_due=False)
    assert ServiceClock.objects.get().s_ms == 1_000
    assert Process.objects.get(pk=process).lease_ms == 1_000 + LEASE_MS


def test_a_beat_of_a_lapsed_process_says_so_and_sweeps_nothing(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(LEASE_MS / 1000 + 1)
    assert heartbeat.run_once(process) == HeartbeatResult(alive=False, jobs_due=False)
    assert driver.state == "grace"


def test_a_beat_sweeps_and_says_that_jobs_wait(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.store()
    driver.abandon()
    service_clock.advance(10, alive=[process])
    assert heartbeat.run_once(process).jobs_due
    assert driver.state == "expiring"


def test_a_tab_that_came_back_in_the_last_moment_is_not_swept(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.abandon()
    service_clock.advance(9.999, alive=[process])
    driver.connect(process)
    service_clock.now_ms += 1_000
    heartbeat.run_once(process)
    assert driver.state == "open"


# --- A running supervisor


class Hooks:
    def __init__(self) -> None:
        self.lapsed = self.session_checks = 0

    async def on_lapsed(self) -> None:
        self.lapsed += 1

    async def on_session_check(self) -> None:
        self.session_checks += 1


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
async def running(
    transactional_db: None, hooks: Hooks, monkeypatch: pytest.MonkeyPatch, unreliable_store: UnreliableStore
) -> AsyncIterator[HeartbeatSupervisor]:
    """A started supervisor, ten times as fast as in production."""
    monkeypatch.setattr(heartbeat, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(heartbeat, "SESSION_CHECK_SECONDS", 0.2)
    made = HeartbeatSupervisor(hooks.on_lapsed, hooks.on_session_check)
    await made.start()
    yield made
    await made.stop()
    worker_pool().stop()
    for pool in (threads.database, threads.store_work):
        await at_rest(pool)


async def at_rest(pool: threads.Threads) -> None:
    """Wait until everything in the pool has ended.

    A stopped supervisor does not wait for that, but the next test's database must not be emptied before.
    """
    together = threading.Barrier(pool.size)
    await asyncio.gather(*(pool.run(together.wait, 30) for _ in range(pool.size)))


async def until(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """Poll `condition` in a database thread, and return its first true value."""
    async with asyncio.timeout(seconds):
        while not (value := await database.run(condition)):  # noqa: ASYNC110 - the database has no event to wait for
            await asyncio.sleep(0.02)
    return value


def process_of(running: HeartbeatSupervisor) -> UUID:
    assert running.process_id is not None
    return running.process_id


async def new_desk() -> Driver:
    def make() -> Driver:
        user, _ = User.objects.get_or_create(username="eve")
        return Driver(user, api.open_draft(user, PRODUCT, fresh=True).id)

    return await database.run(make)


async def test_a_started_supervisor_keeps_the_clock_going_and_its_lease_alive(running: HeartbeatSupervisor):
    before = await database.run(lambda: ServiceClock.objects.get().s_ms)
    await until(lambda: ServiceClock.objects.get().s_ms > before + 300)
    process_id = process_of(running)
    lease = await database.run(lambda: Process.objects.get(pk=process_id).lease_ms)
    assert lease > await database.run(clock.service_now)


async def test_a_written_job_is_run_at_once(running: HeartbeatSupervisor):
    driver = await new_desk()
    file_id = await database.run(driver.upload)
    await until(lambda: driver.file_state(file_id) == FileState.STORED)


async def test_many_jobs_are_all_run_and_those_of_one_file_in_order(running: HeartbeatSupervisor):
    driver = await new_desk()
    kept = [await database.run(driver.upload, f"{number}.jpg") for number in range(8)]
    gone = await database.run(driver.upload, "gone.jpg")
    await database.run(driver.remove, gone)

    await until(lambda: not StoreJob.objects.exists())

    assert await database.run(lambda: {driver.file_state(file) for file in kept}) == {FileState.STORED}
    assert await database.run(driver.file_state, gone) == FileState.DELETED


async def test_a_job_that_failed_is_run_again_when_it_is_due(
    running: HeartbeatSupervisor, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put")
    driver = await new_desk()
    file_id = await database.run(driver.upload)
    await until(lambda: driver.file_state(file_id) == FileState.STORED)
    assert unreliable_store.calls["put"] == 2 + len(WIDTHS)


async def test_a_job_whose_outcome_the_database_did_not_take_is_run_again(
    running: HeartbeatSupervisor, unreliable_store: UnreliableStore
):
    """The process is alive, so no lapsing lease will ever release the job."""
    failures = iter(range(6))

    def failing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if next(failures, None) is None:
            connection.execute_wrappers.remove(failing)
            return execute(sql, params, many, context)
        raise OperationalError("the database is away")

    unreliable_store.after["put"] = lambda: connection.execute_wrappers.append(failing)
    driver = await new_desk()
    file_id = await database.run(driver.upload)

    await until(lambda: driver.file_state(file_id) == FileState.STORED)


async def test_an_expired_draft_is_swept_and_its_bytes_deleted(running: HeartbeatSupervisor):
    driver = await new_desk()
    file_id = await database.run(driver.upload)
    await until(lambda: driver.file_state(file_id) == FileState.STORED)
    await database.run(lambda: Draft.objects.filter(pk=driver.id).update(deadline_ms=0))
    await until(lambda: driver.state == "expired")

    assert not await database.run(lambda: current_store().exists(driver.file(file_id).store_key))


async def test_a_supervisor_whose_lease_lapsed_starts_a_new_incarnation(running: HeartbeatSupervisor, hooks: Hooks):
    old = process_of(running)
    driver = await new_desk()
    await database.run(lambda: driver.connect(old))

    await database.run(lambda: Process.objects.filter(pk=old).update(lease_ms=-1))
    await until(lambda: hooks.lapsed == 1)

    assert running.process_id != old
    await until(lambda: driver.draft.grace_cause == Cause.LAPSED)
    assert not await database.run(sockets.renew_lease, old)


async def test_a_failing_heartbeat_does_not_stop_the_supervisor(
    running: HeartbeatSupervisor, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []

    def away() -> int:
        asked.append(1)
        raise OperationalError("the database is away")

    before = await database.run(lambda: ServiceClock.objects.get().s_ms)
    with monkeypatch.context() as outage:
        outage.setattr(clock, "database_now_ms", away)
        await until(lambda: len(asked) >= 3)

    await until(lambda: ServiceClock.objects.get().s_ms > before)
    assert hooks.lapsed == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has a pool")
async def test_requests_that_hold_every_connection_do_not_stop_the_heartbeat(
    running: HeartbeatSupervisor, hooks: Hooks
):
    pool = connection.pool  # type: ignore[attr-defined]  # of PostgreSQL
    process_id = process_of(running)

    async def lease() -> int:
        return await threads.heartbeat.run(lambda: Process.objects.get(pk=process_id).lease_ms)

    held = await database.run(lambda: [pool.getconn() for _ in range(pool.max_size)])
    try:
        before = await lease()
        async with asyncio.timeout(5):
            while await lease() < before + 1_000:  # noqa: ASYNC110 - the database has no event to wait for
                await asyncio.sleep(0.1)
    finally:
        for one in held:
            pool.putconn(one)

    assert hooks.lapsed == 0


async def test_sessions_are_checked_beside_the_heartbeat(running: HeartbeatSupervisor, hooks: Hooks):
    await until(lambda: hooks.session_checks >= 2)
    assert hooks.lapsed == 0


async def test_a_stopped_supervisor_gives_its_sockets_back(running: HeartbeatSupervisor):
    driver = await new_desk()
    await database.run(driver.connect, process_of(running))

    await running.stop()
    await running.stop()

    assert await database.run(lambda: (driver.state, driver.draft.grace_cause)) == ("grace", Cause.RESTART)
    me = asyncio.current_task()
    await until(lambda: True)
    assert asyncio.all_tasks() == {me}


async def test_an_acquired_job_whose_answer_was_lost_strands_no_job(
    running: HeartbeatSupervisor, monkeypatch: pytest.MonkeyPatch
):
    acquire = queue.acquire
    lost: list[StoreJob] = []

    def acquired_but_unheard(process_id: UUID) -> StoreJob | None:
        job = acquire(process_id)
        if job is not None and not lost:
            lost.append(job)
            raise OperationalError("the answer to COMMIT was lost")
        return job

    monkeypatch.setattr(queue, "acquire", acquired_but_unheard)
    driver = await new_desk()
    file_id = await database.run(driver.upload)

    await until(lambda: driver.file_state(file_id) == FileState.STORED)
    assert lost


# --- The store's account


async def test_a_supervisor_asks_the_stores_account_when_it_starts(
    transactional_db: None, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
):
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(account, "refresh", lambda: loop.call_soon_threadsafe(asked.set))
    supervisor = HeartbeatSupervisor(hooks.on_lapsed, hooks.on_session_check)
    await supervisor.start()
    try:
        await asyncio.wait_for(asked.wait(), 10)
    finally:
        await supervisor.stop()


async def test_an_account_that_cannot_be_asked_does_not_stop_the_supervisor(
    transactional_db: None, hooks: Hooks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(account, "refresh", lambda: 1 / 0)
    await HeartbeatSupervisor(hooks.on_lapsed, hooks.on_session_check)._ask_account()
    assert "account" in caplog.text
