"""The actors of the simulation: server processes with heartbeat, runner and consumers, and the tabs that use them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import DatabaseError

from consumers.transfers import Transfer, Transfers
from erp.marketing.models import Product, ProductFile
from tests.support.wire.draft_driver import PRODUCT
from tests.verification.simulation_steps import Actor, pause, wait
from tests.verification.simulation_store import SimulatedStore
from uploads import api, spool
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import Cause
from uploads.drafts import lifecycle
from uploads.drafts.commit import committing
from uploads.drafts.lifecycle import AlreadyCommitted
from uploads.drafts.merge import Linked, Plan
from uploads.files import operations
from uploads.files.operations import UploadRequest, WriteLease
from uploads.grace import clock
from uploads.jobs import queue, runner
from uploads.models import File, StoreJob
from uploads.presence import sockets
from uploads.runtime import heartbeat

HEARTBEAT_MS, SESSION_CHECK_MS, RUNNER_MS = 1_000, 15_000, 500
CHUNK = 4


class World:
    """The whole world, and what its users have been told."""

    def __init__(self, user: User, store: SimulatedStore) -> None:
        self.user = user
        self.store = store
        self.now_ms = 1_700_000_000_000
        """The database's wall clock, which may jump."""
        self.elapsed_ms = 0
        """Real time, as measured by the servers' own clocks."""
        self.servers: list[Server] = []
        self.tabs: list[Tab] = []
        self.contents: dict[UUID, bytes] = {}
        self.acked: dict[UUID, int] = {}
        self.answers: list[str] = []
        self.broken: list[str] = []
        self.draft = UUID(int=0)
        self.clean_close = False

    def open_page(self) -> None:
        """Open the form, which opens the draft before anything can fail."""
        self.draft = api.open_draft(self.user, PRODUCT, fresh=True).id

    def up(self) -> list[Server]:
        return [server for server in self.servers if server.status == "up"]

    def actors(self) -> list[Actor]:
        return [actor for server in self.servers for actor in server.actors if not actor.ended]

    def after(self, ms: int) -> Callable[[], bool]:
        """Whether that much time has passed since then."""
        due = self.elapsed_ms + ms
        return lambda: self.elapsed_ms >= due


class Server:
    """One server process. Its incarnation is `process_id` while it accepts sockets."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.status = "up"
        self.process_id: UUID | None = None
        self.consumers: dict[Consumer, None] = {}
        self.actors: list[Actor] = []
        for work in (self._heartbeat, self._session_check, self._runner):
            self.begin(work.__name__.strip("_"), work)

    def begin(self, label: str, work: Callable[[], object]) -> Actor:
        actor = Actor(f"{self.name} {label}", work)
        self.actors.append(actor)
        return actor

    def kill(self) -> None:
        """Kill it with SIGKILL: its work ends and its sockets break."""
        self.status = "down"
        for actor in self.actors:
            actor.killed = True
            self.world.store.killed(actor)
        for consumer in list(self.consumers):
            consumer.tab.broke(consumer)

    def stop(self) -> None:
        """Pause it with SIGSTOP: nothing runs until `go_on`, and nobody is notified."""
        self.status = "stopped"

    def go_on(self) -> None:
        if self.status == "stopped":
            self.status = "up"

    # --- As `uploads.runtime.heartbeat.HeartbeatSupervisor` and `consumers.runtime.Runtime` do it

    def _heartbeat(self) -> None:
        self._until_done(clock.tick)
        self._until_done(self._new_incarnation)
        while True:
            wait(self.world.after(HEARTBEAT_MS))
            assert self.process_id is not None
            with suppress(DatabaseError):
                if not heartbeat.run_once(self.process_id).alive:
                    self._new_incarnation()
                    for consumer in list(self.consumers):
                        consumer.refuse(Cause.LAPSED)

    def _new_incarnation(self) -> None:
        self.process_id = sockets.start_process()

    def _until_done(self, work: Callable[[], object]) -> None:
        while True:
            try:
                work()
            except DatabaseError:
                wait(self.world.after(HEARTBEAT_MS))
            else:
                return

    def _session_check(self) -> None:
        while True:
            wait(self.world.after(SESSION_CHECK_MS))
            held = {consumer.socket_id for consumer in self.consumers if consumer.socket_id is not None}
            if self.process_id is not None:
                with suppress(DatabaseError):
                    sockets.close_strays(self.process_id, held)

    def _runner(self) -> None:
        unsure = False
        while True:
            job = None
            if self.process_id is not None:
                try:
                    if unsure:
                        queue.release_lost(self.process_id, [])
                    unsure = True
                    job = queue.acquire(self.process_id)
                    unsure = False
                except DatabaseError:
                    pass
            if job is None:
                wait(self.world.after(RUNNER_MS))
            else:
                self._run_job(job)

    def _run_job(self, job: StoreJob) -> None:
        try:
            runner.run(job)
        except DatabaseError:
            while self.process_id == job.acquired_by_id:
                try:
                    runner.retry_later(job, "the database failed")
                except DatabaseError:
                    wait(self.world.after(HEARTBEAT_MS))
                else:
                    return

    # --- HTTP

    def save(self, without_unfinished: bool) -> None:
        """Submit the form here. The user learns of it only if nothing breaks."""
        world = self.world
        try:
            skipped = [file.pk for file in File.objects.filter(draft=world.draft)] if without_unfinished else []
            with committing(world.draft, world.user) as saving:
                product = Product.objects.create(title="Mug", sku=uuid4().hex, price=1)
                answer = saving.apply([], lambda plan: _link(product, plan), without=skipped).url
        except AlreadyCommitted as already:
            answer = already.url
        except (Refusal, DatabaseError):
            return
        world.answers.append(answer)

    def discard(self) -> None:
        with suppress(Refusal, DatabaseError):
            lifecycle.discard(self.world.draft, self.world.user)


def _link(product: Product, plan: Plan) -> Linked:
    for planned in plan.files:
        place = {"name": planned.name, "file_url": planned.url, "sequence": planned.sequence}
        ProductFile.objects.create(product=product, upload=planned.file, **place)
    return Linked(target_id=str(product.pk), url=f"/products/{product.pk}/")


class Consumer:
    """One socket on one server, as served by `consumers.websocket.consumer`."""

    def __init__(self, server: Server, tab: Tab) -> None:
        self.server, self.tab, self.world = server, tab, server.world
        self.socket_id: UUID | None = None
        self.process_id = server.process_id
        self.inbox: list[tuple[str, Any]] = []
        self.cause: Cause | None = None
        self._transfers = Transfers()
        server.consumers[self] = None
        server.begin(f"{tab.name}'s socket", self._serve)

    def usable(self) -> bool:
        """Whether the user can work with it: connected on both sides, by a running process."""
        return self.tab.consumer is self and self.tab.connected and self.server.status == "up" and self.cause is None

    def refuse(self, cause: Cause) -> None:
        """Close the socket from the server."""
        self.cause = cause
        self.tab.broke(self)
        self.inbox.append(("close", cause))

    def lost(self) -> None:
        """Detect, by the server's ping, that the peer is gone."""
        self.inbox.append(("close", Cause.LOST))

    def _serve(self) -> None:
        try:
            if self.process_id is None:
                raise Refusal(Code.RESTARTING)
            self.socket_id = sockets.connect(self.world.draft, self.world.user, self.process_id)
        except (Refusal, DatabaseError) as error:
            self.server.consumers.pop(self, None)
            self.tab.refused(self, error)
            return
        self.tab.opened(self)
        while True:
            wait(lambda: bool(self.inbox))
            what, about = self.inbox.pop(0)
            if what == "close":
                self._close(self.cause or about)
                return
            with suppress(DatabaseError, Refusal):
                getattr(self, f"_{what}")(about)

    def _close(self, cause: Cause) -> None:
        self.server.consumers.pop(self, None)
        self._transfers.end_all()
        assert self.socket_id is not None
        with suppress(DatabaseError):
            sockets.disconnect(self.socket_id, cause)

    def _add(self, file_id: UUID) -> None:
        size = len(self.world.contents[file_id])
        request = UploadRequest(id=file_id, name="a.jpg", size=size, content_type="image/jpeg")
        self._begin(operations.add(self.world.draft, self.world.user, request, self.socket_id))

    def _resume(self, file_id: UUID) -> None:
        assert self.socket_id is not None
        size = len(self.world.contents[file_id])
        self._begin(operations.resume(self.world.draft, self.world.user, file_id, size, self.socket_id))

    def _retry(self, file_id: UUID) -> None:
        assert self.socket_id is not None
        self._begin(operations.retry(self.world.draft, self.world.user, file_id, self.socket_id))

    def _begin(self, lease: WriteLease) -> None:
        if lease.epoch is None:
            return
        self._transfers.end(lease.file)
        pause("spool open")
        writer = spool.Writer(lease.file, lease.epoch, lease.size)
        self._transfers.begin(Transfer(lease.file, lease.epoch, writer))
        self.tab.told_offset(self, lease.file, writer.offset)

    def _chunk(self, about: tuple[UUID, int]) -> None:
        file_id, offset = about
        transfer = self._transfers.of(file_id)
        if transfer is None:
            return
        pause("spool write")
        try:
            length = transfer.writer.write(offset, memoryview(self.world.contents[file_id])[offset : offset + CHUNK])
        except Refusal:
            self._transfers.end(file_id)
            return
        pause("spool written")
        self.tab.acked(self, file_id, length)

    def _finish(self, file_id: UUID) -> None:
        transfer = self._transfers.of(file_id)
        if transfer is None:
            return
        try:
            sha256 = transfer.verify(hashlib.sha256(self.world.contents[file_id]).hexdigest())
        finally:
            self._transfers.end(file_id)
        operations.finish(self.world.draft, self.world.user, file_id, transfer.epoch, sha256)

    def _remove(self, file_id: UUID) -> None:
        operations.remove(self.world.draft, self.world.user, file_id)
        self._transfers.end(file_id)

    def _restore(self, file_id: UUID) -> None:
        operations.restore(self.world.draft, self.world.user, file_id)

    def _purge(self, file_id: UUID) -> None:
        operations.purge(self.world.draft, self.world.user, file_id)

    def _reorder(self, file_id: UUID) -> None:
        place = ("main_image", None)
        operations.reorder(self.world.draft, self.world.user, uuid4().hex, [file_id], place, None)


class Tab:
    """One tab of the browser. It holds its files until it learns that they are stored."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.consumer: Consumer | None = None
        self.connected = False
        self.ended = False
        self.offsets: dict[UUID, int] = {}
        """The next offset of each file, for the transfers this socket has been given."""

    def connect(self, server: Server) -> None:
        self.consumer, self.connected, self.offsets = Consumer(server, self), False, {}

    def go(self, *, clean: bool) -> None:
        """Close the tab, or lose its network in a way that the server notices now."""
        consumer = self.consumer
        assert consumer is not None
        if consumer.server.status != "down":
            consumer.inbox.append(("close", Cause.CLEAN if clean else Cause.LOST))
            self.world.clean_close = self.world.clean_close or clean
        self.broke(consumer)

    def lose_silently(self, chance: Random) -> tuple[int, Consumer]:
        """Sockets whose network died silently: (when the server's ping will notice, the socket)."""
        consumer = self.consumer
        assert consumer is not None
        self.broke(consumer)
        return self.world.elapsed_ms + chance.choice([1_000, 20_000, 37_000]), consumer

    def send(self, what: str, about: Any) -> None:
        assert self.consumer is not None
        self.consumer.inbox.append((what, about))

    def send_chunk(self, file_id: UUID) -> None:
        """Send the next chunk without waiting for the last acknowledgement, or the finish."""
        offset = self.offsets[file_id]
        if offset >= len(self.world.contents[file_id]):
            self.send("finish", file_id)
            del self.offsets[file_id]
        else:
            self.send("chunk", (file_id, offset))
            self.offsets[file_id] = offset + CHUNK

    # --- Messages of the server; only those to the current socket are handled

    def opened(self, consumer: Consumer) -> None:
        if consumer is self.consumer:
            self.connected = True

    def refused(self, consumer: Consumer, error: Exception) -> None:
        if consumer is self.consumer:
            self.consumer = None
            gone = isinstance(error, Refusal) and error.code in (Code.DRAFT_ENDED, Code.DRAFT_EXPIRED)
            self.ended = self.ended or gone

    def broke(self, consumer: Consumer) -> None:
        if consumer is self.consumer:
            self.consumer, self.connected, self.offsets = None, False, {}

    def told_offset(self, consumer: Consumer, file_id: UUID, offset: int) -> None:
        if consumer is not self.consumer:
            return
        if offset < self.world.acked.get(file_id, 0):
            self.world.broken.append(
                f"R6: told to resume at {offset} after {self.world.acked[file_id]} were acknowledged"
            )
        self.offsets[file_id] = offset

    def acked(self, consumer: Consumer, file_id: UUID, length: int) -> None:
        if consumer is self.consumer:
            self.world.acked[file_id] = max(self.world.acked.get(file_id, 0), length)
