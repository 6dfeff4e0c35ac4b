"""The heartbeat supervisor of a server process: clock tick, lease, sweep, store jobs, session check.

The event loop drives the heartbeat, so a loop that hangs stops it and the lease runs out. A process that finds its
lease lapsed was declared dead: it drops its sockets and starts a new incarnation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

from django.db import DatabaseError, connections
from msgspec import Struct

from uploads import signals
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.images.worker_pool import worker_pool
from uploads.jobs import queue, runner
from uploads.models import StoreJob
from uploads.presence import sockets
from uploads.runtime import memory, spool_sharing, threads
from uploads.runtime.threads import STORE_SLOTS, database, store_work
from uploads.stores import account

logger = logging.getLogger("uploads.heartbeat")

HEARTBEAT_SECONDS = 1.0
SESSION_CHECK_SECONDS = 10.0
"""Permission is valid for 30 s (`consumers.websocket.consumer`), so one failed check disconnects no tab."""
MEMORY_SECONDS = 10.0
REVISION_CHECK_SECONDS = 0.5
GARBAGE_COLLECTION_SECONDS = 600.0

Hook = Callable[[], Awaitable[None]]


class HeartbeatResult(Struct, frozen=True):
    """Result of one heartbeat: whether the lease still held, and whether store jobs are due."""

    alive: bool
    jobs_due: bool


def run_once(process_id: UUID) -> HeartbeatResult:
    """Tick, renew the lease and sweep. Raises `DatabaseError`; then S has not moved."""
    clock.tick()
    if not sockets.renew_lease(process_id):
        return HeartbeatResult(False, False)
    return HeartbeatResult(True, sweeper.sweep().jobs_due)


def _register_process() -> UUID:
    """Register a new incarnation, marked in the spool before any tab can connect to it."""
    process_id = sockets.start_process()
    spool_sharing.announce(process_id)
    return process_id


class HeartbeatSupervisor:
    """Run the heartbeat of one server process. `process_id` is its incarnation while it runs."""

    def __init__(self, on_lapsed: Hook, on_session_check: Hook, on_revision_check: Hook | None = None) -> None:
        self.process_id: UUID | None = None
        self._on_lapsed = on_lapsed
        self._on_session_check = on_session_check
        self._on_revision_check = on_revision_check
        self._tasks: set[asyncio.Task[None]] = set()
        self._jobs_due = asyncio.Event()
        self._slots = asyncio.Semaphore(STORE_SLOTS)
        self._running: set[int] = set()
        self._acquire_unknown = False

    async def start(self) -> None:
        """Register the process and start the heartbeat. Raises `DatabaseError` without a database."""
        await database.run(clock.tick)
        self.process_id = await database.run(_register_process)
        loop = asyncio.get_running_loop()
        self._wake = lambda **_: loop.call_soon_threadsafe(self._jobs_due.set)
        signals.jobs_written.connect(self._wake, weak=False)
        self._spawn(self._run_heartbeat())
        self._spawn(self._every(SESSION_CHECK_SECONDS, self._on_session_check))
        self._spawn(self._every(MEMORY_SECONDS, partial(asyncio.to_thread, memory.release_free)))
        if self._on_revision_check is not None:
            self._spawn(self._every(REVISION_CHECK_SECONDS, self._on_revision_check))
        self._spawn(self._every(GARBAGE_COLLECTION_SECONDS, self._garbage_collect))
        self._spawn(self._run_jobs())
        self._spawn(self._ask_account())

    async def stop(self) -> None:
        """Stop the heartbeat and close the process's sockets. Idempotent."""
        process_id, self.process_id = self.process_id, None
        if process_id is None:
            return
        signals.jobs_written.disconnect(self._wake)
        for task in self._tasks:
            task.cancel()
        with suppress(DatabaseError):
            await database.run(sockets.drain, process_id)
        worker_pool().stop()
        await threads.heartbeat.run(connections.close_all)

    def _spawn(self, work: Awaitable[None]) -> None:
        # The set holds the only strong reference; without it a waiting task may be garbage-collected.
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_heartbeat(self) -> None:
        while self.process_id is not None:
            try:
                await self._heartbeat_once(self.process_id)
            except Exception:
                # Stopping over one failed heartbeat would expire drafts, so log it and go on.
                logger.exception("a heartbeat failed")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _every(self, seconds: float, hook: Hook) -> None:
        """Call `hook` regularly beside the heartbeat, so that slow work cannot cost the lease."""
        while self.process_id is not None:
            await asyncio.sleep(seconds)
            try:
                await hook()
            except Exception:
                logger.exception("regular work failed; it is retried in %d s", seconds)

    async def _ask_account(self) -> None:
        try:
            await store_work.run(account.refresh)
        except Exception:
            logger.exception("the store's account could not be asked")

    async def _garbage_collect(self) -> None:
        await self._ask_account()
        await database.run(sweeper.garbage_collect)
        await database.run(spool_sharing.check)

    async def _heartbeat_once(self, process_id: UUID) -> None:
        found = await threads.heartbeat.run(run_once, process_id)
        if not found.alive:
            logger.warning("the lease of process %s lapsed: starting a new incarnation", process_id)
            self.process_id = await threads.heartbeat.run(_register_process)
            await self._on_lapsed()
        if found.jobs_due:
            self._jobs_due.set()

    async def _run_jobs(self) -> None:
        while True:
            await self._jobs_due.wait()
            self._jobs_due.clear()
            try:
                while await self._begin_job():
                    pass
            except Exception:
                # The job may have been acquired and only the answer lost.
                self._acquire_unknown = True
                logger.exception("store jobs could not be acquired")

    async def _begin_job(self) -> bool:
        """Acquire one job and run it beside the others. False if none is due."""
        await self._slots.acquire()
        job: StoreJob | None = None
        try:
            if self.process_id is not None:
                if self._acquire_unknown:
                    await database.run(queue.release_lost, self.process_id, frozenset(self._running))
                    self._acquire_unknown = False
                job = await database.run(queue.acquire, self.process_id)
        finally:
            if job is None:
                self._slots.release()
        if job is not None:
            self._running.add(job.pk)
            self._spawn(self._run_job(job))
        return job is not None

    async def _run_job(self, job: StoreJob) -> None:
        try:
            await store_work.run(runner.run, job)
        except Exception:
            logger.exception("the outcome of store job %s could not be recorded", job.pk)
            await self._release(job)
        finally:
            self._running.discard(job.pk)
            self._slots.release()
            # Another job of the same file may be waiting for this one.
            self._jobs_due.set()

    async def _release(self, job: StoreJob) -> None:
        """Release an acquired job as soon as the database answers, or this live process would own it forever."""
        while self.process_id == job.acquired_by_id:
            try:
                await database.run(runner.retry_later, job, "the database failed")
            except DatabaseError:
                await asyncio.sleep(HEARTBEAT_SECONDS)
            else:
                return
