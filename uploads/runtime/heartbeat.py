"""What keeps a server process alive and useful: clock tick, lease, sweep, store jobs, beacon.

The beat is driven by the event loop, so a loop that hangs stops beating and its lease runs out. A
process that finds its lease lapsed was declared dead: it drops its sockets and starts a new incarnation.
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

BEAT_SECONDS = 1.0
BEACON_SECONDS = 10.0
"""Answers of the authoriser count for 30 s (`consumers.websocket.consumer`): one check that fails costs no tab."""
MEMORY_SECONDS = 10.0
LOOK_SECONDS = 0.5
TIDY_SECONDS = 600.0

Hook = Callable[[], Awaitable[None]]


class Beat(Struct, frozen=True):
    """What one beat found: whether the lease still held, and whether store jobs are due."""

    alive: bool
    jobs_due: bool


def beat(process_id: UUID) -> Beat:
    """One beat's work: tick, renew the lease, sweep. Raises `DatabaseError`; then S has not moved."""
    clock.tick()
    if not sockets.renew_lease(process_id):
        return Beat(False, False)
    return Beat(True, sweeper.sweep().jobs_due)


def _begin() -> UUID:
    """A new incarnation, marked in the spool before anybody can connect to it."""
    process_id = sockets.start_process()
    spool_sharing.mark(process_id)
    return process_id


class Heart:
    """The heart of one server process. `process_id` is its incarnation while it beats."""

    def __init__(self, on_lapsed: Hook, on_beacon: Hook, on_look: Hook | None = None) -> None:
        self.process_id: UUID | None = None
        self._on_lapsed = on_lapsed
        self._on_beacon = on_beacon
        self._on_look = on_look
        self._tasks: set[asyncio.Task[None]] = set()
        self._jobs_due = asyncio.Event()
        self._slots = asyncio.Semaphore(STORE_SLOTS)
        self._running: set[int] = set()
        self._claim_unknown = False

    async def start(self) -> None:
        """Register the process and begin to beat. Raises `DatabaseError` when there is no database."""
        await database.run(clock.tick)
        self.process_id = await database.run(_begin)
        loop = asyncio.get_running_loop()
        self._wake = lambda **_: loop.call_soon_threadsafe(self._jobs_due.set)
        signals.jobs_written.connect(self._wake, weak=False)
        self._spawn(self._beat_for_ever())
        self._spawn(self._every(BEACON_SECONDS, self._on_beacon))
        self._spawn(self._every(MEMORY_SECONDS, partial(asyncio.to_thread, memory.give_back)))
        if self._on_look is not None:
            self._spawn(self._every(LOOK_SECONDS, self._on_look))
        self._spawn(self._every(TIDY_SECONDS, self._tidy))
        self._spawn(self._run_jobs_for_ever())
        self._spawn(self._ask_account())

    async def stop(self) -> None:
        """Stop beating and give the process's sockets back to their drafts. May be called twice."""
        process_id, self.process_id = self.process_id, None
        if process_id is None:
            return
        signals.jobs_written.disconnect(self._wake)
        for task in self._tasks:
            task.cancel()
        with suppress(DatabaseError):
            await database.run(sockets.drain, process_id)
        worker_pool().stop()
        await threads.beat.run(connections.close_all)

    def _spawn(self, work: Awaitable[None]) -> None:
        # The set keeps the only strong reference: without it a task may vanish while it waits.
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _beat_for_ever(self) -> None:
        while self.process_id is not None:
            try:
                await self._beat_once(self.process_id)
            except Exception:
                # A heart that stops for one bad beat would expire drafts: say so and beat on.
                logger.exception("a heartbeat failed")
            await asyncio.sleep(BEAT_SECONDS)

    async def _every(self, seconds: float, hook: Hook) -> None:
        """What may take its time, beside the beat: a slow layer must not cost the lease."""
        while self.process_id is not None:
            await asyncio.sleep(seconds)
            try:
                await hook()
            except Exception:
                logger.exception("regular work failed; it is done again in %d s", seconds)

    async def _ask_account(self) -> None:
        try:
            await store_work.run(account.refresh)
        except Exception:
            logger.exception("the store's account could not be asked")

    async def _tidy(self) -> None:
        await self._ask_account()
        await database.run(sweeper.tidy)
        await database.run(spool_sharing.look)

    async def _beat_once(self, process_id: UUID) -> None:
        found = await threads.beat.run(beat, process_id)
        if not found.alive:
            logger.warning("the lease of process %s lapsed: starting a new incarnation", process_id)
            self.process_id = await threads.beat.run(_begin)
            await self._on_lapsed()
        if found.jobs_due:
            self._jobs_due.set()

    async def _run_jobs_for_ever(self) -> None:
        while True:
            await self._jobs_due.wait()
            self._jobs_due.clear()
            try:
                while await self._begin_job():
                    pass
            except Exception:
                # The claim may have been written and only its answer lost.
                self._claim_unknown = True
                logger.exception("store jobs could not be claimed")

    async def _begin_job(self) -> bool:
        """Claim one job and carry it out beside the others; False when none is due."""
        await self._slots.acquire()
        job: StoreJob | None = None
        try:
            if self.process_id is not None:
                if self._claim_unknown:
                    await database.run(queue.release_lost, self.process_id, frozenset(self._running))
                    self._claim_unknown = False
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
            logger.exception("what came of store job %s could not be written down", job.pk)
            await self._free(job)
        finally:
            self._running.discard(job.pk)
            self._slots.release()
            # Another job of the same file may have waited for this one.
            self._jobs_due.set()

    async def _free(self, job: StoreJob) -> None:
        """Give a claimed job back as soon as the database answers; the claim would outlive us otherwise."""
        while self.process_id == job.acquired_by_id:
            try:
                await database.run(runner.try_later, job, "the database failed")
            except DatabaseError:
                await asyncio.sleep(BEAT_SECONDS)
            else:
                return
