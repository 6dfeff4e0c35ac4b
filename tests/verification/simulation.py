"""A seeded history of one draft with every kind of fault, on the real code; and what must be true of it.

The same seed gives the same history. docs/guarantees.md says what is covered.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from unittest.mock import patch
from uuid import UUID

from django.db.models import F

from erp.marketing.models import Product, ProductFile
from tests.verification.simulation_steps import Actor
from tests.verification.simulation_world import Consumer, Server, Tab, World
from uploads import spool
from uploads.core.service_time import STEP_CAP_MS
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.grace.policy import grace_settings
from uploads.models import Draft, File, Process, ServiceClock, Socket, StoreJob
from uploads.presence import sockets
from uploads.stores.retry import LATE_MS

STEPS = 200
SLACK_MS = 60_000
"""B: how much later than N(cause) an abandoned draft may be gone."""
FILES = 3
Choice = tuple[float, str, Callable[[], object]]


class Outcome(NamedTuple):
    """The result of a history. `broken` names the first broken promise ("" if none)."""

    history: list[str]
    broken: str
    end: str
    delay_ms: int
    """Service time from when everything was calm until the draft ended, minus what it was promised."""


class Broken(Exception):
    """A promise was broken."""


class Simulation:
    """One history."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)  # noqa: S311 - a schedule, no secret
        self.history: list[str] = []
        self.idle_ms = 0
        """Time in which a reconnect could have been accepted since a tab was last usable."""
        self._quiet_ms = 0
        self._end = ""
        self._half_open: list[tuple[int, Consumer]] = []
        self._names = 0

    def run(self, steps: int = STEPS) -> Outcome:
        """Take `steps` random choices, let everything settle, and return the result."""
        broken, delay_ms = "", 0
        try:
            self.world.open_page()
            self._start_server()
            for number in range(steps):
                self._choose(number)
                self._check()
            delay_ms = self._settle()
        except Broken as error:
            broken = str(error)
        for server in self.world.servers:
            for actor in server.actors:
                actor.bury()
        return Outcome(self.history, broken, self._end, delay_ms)

    # --- Steps

    def _choose(self, number: int) -> None:
        choices = [*self._work(), *self._people(), *self._faults()]
        weights = [weight for weight, _, _ in choices]
        _, label, act = self.random.choices(choices, weights)[0]
        self.history.append(f"{number:03} {self.world.elapsed_ms / 1000:8.1f} s  {label}")
        act()

    def _work(self) -> list[Choice]:
        choices: list[Choice] = [(7, "time passes", self._pass_time)]
        for server in self.world.up():
            for actor in server.actors:
                if not actor.ended and actor.ready():
                    choices.append((3, f"{actor.label} goes on from {actor.where}", partial(self._go_on, actor)))
        return choices

    def _go_on(self, actor: Actor) -> None:
        for _ in range(self.random.choice([1, 1, 2, 3, 5, 1000])):
            actor.step()
            if actor.ended or not actor.ready():
                break
        else:
            return
        if actor.broke is not None:
            raise Broken(f"{actor.label} ended by {type(actor.broke).__name__}: {actor.broke}")

    def _pass_time(self) -> None:
        self._advance(self.random.choice([200, 500, 1000, 1000, 1500, 2000]))

    def _advance(self, ms: int, *, real: bool = True) -> None:
        """Move the wall clock; a jump of the clock alone is not `real` time."""
        self.world.now_ms += ms
        if not real:
            # S is read up to one step ahead of the last tick.
            self.idle_ms += STEP_CAP_MS if ms > 0 else 0
            return
        self.world.elapsed_ms += ms
        if self.world.up():
            self._quiet_ms = 0
            self.idle_ms += ms
        else:
            self.idle_ms += max(min(ms, STEP_CAP_MS - self._quiet_ms), 0)
            self._quiet_ms += ms
        for due, consumer in list(self._half_open):
            if due <= self.world.elapsed_ms:
                self._half_open.remove((due, consumer))
                consumer.lost()

    def _people(self) -> list[Choice]:
        world, up = self.world, self.world.up()
        choices: list[Choice] = []
        known = list(File.objects.filter(draft=world.draft).order_by("pk").values_list("pk", "state"))
        for tab in world.tabs:
            if tab.connected:
                choices += self._at_a_tab(tab, sorted(known, key=lambda row: list(world.contents).index(row[0])))
            elif tab.consumer is None and up:
                choices.append((2, f"{tab.name} connects", partial(self._connect, tab)))
        if up:
            save = self._request
            choices.append((0.06, "the form is saved", lambda: save("save", lambda server: server.save(False))))
            choices.append((0.06, "the form is saved without", lambda: save("save", lambda server: server.save(True))))
            choices.append((0.03, "the draft is discarded", lambda: save("discard", Server.discard)))
        return choices

    def _at_a_tab(self, tab: Tab, known: list[tuple[UUID, str]]) -> list[Choice]:
        names = {file_id: f"file {at}" for at, file_id in enumerate(self.world.contents)}
        choices: list[Choice] = [
            (0.5, f"{tab.name} is closed", lambda: tab.go(clean=True)),
            (0.3, f"{tab.name} is lost", lambda: tab.go(clean=False)),
            (0.3, f"{tab.name} is lost silently", lambda: self._half_open.append(tab.lose_silently(self.random))),
        ]
        if len(self.world.contents) < FILES:
            choices.append((2, f"{tab.name} adds a file", lambda: self._add(tab)))
        for file_id in tab.offsets:
            choices.append((4, f"{tab.name} sends of {names[file_id]}", partial(tab.send_chunk, file_id)))
        verbs = {
            "receiving": [("resume", 2.0), ("remove", 0.2)],
            "checking": [("remove", 0.4)],
            "storing": [("remove", 0.6)],
            "stored": [("remove", 0.4), ("reorder", 0.2)],
            "removed": [("restore", 0.5), ("purge", 0.7)],
            "rejected": [("retry", 1.0), ("remove", 0.3)],
        }
        for file_id, state in known:
            for verb, weight in verbs.get(state, []):
                if verb != "resume" or file_id not in tab.offsets:
                    label = f"{tab.name} asks to {verb} {names[file_id]}"
                    choices.append((weight, label, partial(tab.send, verb, file_id)))
        return choices

    def _connect(self, tab: Tab) -> None:
        tab.connect(self.random.choice(self.world.up()))

    def _add(self, tab: Tab) -> None:
        at = len(self.world.contents)
        file_id = UUID(int=self.random.getrandbits(128), version=4)
        good = self.random.random() < 0.85
        self.world.contents[file_id] = (b"good" if good else b"bad!") + f"{at:02}".encode() * self.random.choice(
            [1, 3, 5]
        )
        tab.send("add", file_id)

    def _request(self, name: str, work: Callable[[Server], object]) -> None:
        server = self.random.choice(self.world.up())
        server.begin(name, lambda: work(server))

    # --- Faults

    def _faults(self) -> list[Choice]:
        world = self.world
        choices: list[Choice] = []
        for server in world.servers:
            if server.status == "up":
                # Most interesting in the middle of something.
                busy = sum(not actor.ended and actor.where not in ("begin", "waiting") for actor in server.actors)
                choices.append((0.1 + 0.15 * busy, f"{server.name} is killed", server.kill))
                choices.append((0.1 + 0.15 * busy, f"{server.name} is stopped", server.stop))
            elif server.status == "stopped":
                choices.append((0.8, f"{server.name} goes on", server.go_on))
                choices.append((0.1, f"{server.name} is killed", server.kill))
        if len(world.up()) < 2:
            choices.append((2, "a server starts", self._start_server))
        choices.append((0.05, "everything is down", self._outage))
        choices.append((0.05, "the database's clock jumps", self._jump))
        choices.append(
            (0.1, "the store goes down or comes back", lambda: setattr(world.store, "down", not world.store.down))
        )
        for call in world.store.late:
            choices.append((0.5, f"a late {call.verb} lands", partial(world.store.land, call)))
        running = [actor for actor in world.actors() if actor.where not in ("begin", "waiting")]
        for actor in running:
            kind = self._failure(actor)
            choices.append((0.25, f"{actor.label} will fail: {kind}", partial(setattr, actor, "fails_at", kind)))
        return choices

    @staticmethod
    def _failure(actor: Actor) -> str:
        """The failures that are possible where the actor is."""
        if actor.where.endswith("sent"):
            return "store"
        if actor.where.endswith("applied"):
            return "answer"
        return "statement" if actor.where == "SELECT" else "commit"

    def _start_server(self) -> None:
        self._names += 1
        self.world.servers.append(Server(self.world, f"server {self._names}"))

    def _outage(self) -> None:
        for server in self.world.servers:
            server.kill()
        self._advance(self.random.choice([3, 20, 100]) * grace_settings().seconds * 1000)

    def _jump(self) -> None:
        self._advance(self.random.choice([-3_600_000, 3_600_000]), real=False)

    # --- Promises

    def _check(self) -> None:
        world, s_ms = self.world, clock.service_now()
        draft = Draft.objects.get(pk=world.draft)
        usable = self._usable(s_ms)
        if usable:
            self.idle_ms = 0
        self._check_end(draft)
        self._check_sockets(draft, usable, s_ms)
        self._check_files(draft)
        if world.broken:
            raise Broken(world.broken[0])

    @staticmethod
    def _check_sockets(draft: Draft, usable: list[Consumer], s_ms: int) -> None:
        if draft.state == "grace" and sockets.live_sockets(s_ms).filter(draft=draft).exists():
            raise Broken("R9: the draft is in grace beside a live socket")
        if draft.state not in ("grace", "open"):
            return
        for consumer in usable:
            if not Socket.objects.filter(pk__in=[consumer.socket_id], closed_ms=None).exists():
                raise Broken(f"R9: the row of {consumer.tab.name} is closed while it is connected")

    def _check_files(self, draft: Draft) -> None:
        for file in File.objects.filter(draft=draft, state__in=["stored", "removed", "linked", "permanent"]):
            if self.world.store.objects.get(file.store_key) != self.world.contents[file.pk]:
                raise Broken(f"R1: a {file.state} file has lost its bytes")
        for file_id in File.objects.filter(draft=draft, state="rejected").values_list("pk", flat=True):
            # Reported to the tab, which sends all of it again.
            self.world.acked.pop(file_id, None)

    def _usable(self, s_ms: int) -> list[Consumer]:
        alive = set(Process.objects.filter(lease_ms__gte=s_ms).values_list("pk", flat=True))
        consumers = [consumer for server in self.world.up() for consumer in server.consumers]
        return [consumer for consumer in consumers if consumer.usable() and consumer.process_id in alive]

    def _check_end(self, draft: Draft) -> None:
        end = {"expiring": "expired"}.get(draft.state, draft.state)
        if end in ("grace", "open"):
            end = ""
        if self._end not in ("", end):
            raise Broken(f"R5: the draft was {self._end} and is {draft.state}")
        n_ms = (grace_settings().seconds if self.world.clean_close else grace_settings().seconds_lost) * 1000
        if end == "expired" and not self._end and draft.end_reason == "grace" and self.idle_ms < n_ms:
            raise Broken(f"R3: expired {self.idle_ms} ms after a tab was usable")
        self._end = end
        if len(set(self.world.answers)) > 1 or Product.objects.count() != (end == "committed"):
            raise Broken(f"R4: {Product.objects.count()} products, and the answers {self.world.answers}")

    # --- Settling without further failures

    def _settle(self) -> int:
        """Let everybody leave without further failures: the draft ends in time, and rows and objects agree."""
        self._calm_down()
        began_ms = clock.service_now()
        promised_ms = max(
            Draft.objects.get(pk=self.world.draft).deadline_ms or 0, began_ms + grace_settings().seconds_lost * 1000
        )
        while self._state() in ("grace", "open"):
            self._run_fairly()
            if clock.service_now() > promised_ms + SLACK_MS:
                raise Broken(f"R2: still {self._state()} {SLACK_MS} ms after its time")
        delay_ms = max(clock.service_now() - promised_ms, 0)
        self._run_jobs_dry()
        self._check_clean()
        return delay_ms

    def _calm_down(self) -> None:
        world = self.world
        self.history.append("--- nothing fails any more")
        for server in world.servers:
            server.go_on()
        if not world.up():
            self._start_server()
        for tab in world.tabs:
            if tab.consumer is not None:
                tab.go(clean=True)
        for actor in world.actors():
            actor.fails_at = ""
        world.store.down = False
        self._land_late(self.random.random() < 0.5)

    def _state(self) -> str:
        return Draft.objects.get(pk=self.world.draft).state

    def _run_fairly(self) -> None:
        """Advance two seconds, and let everybody do what is due."""
        self._advance(2000)
        for actor in self.world.actors():
            for _ in range(1000):
                if actor.ended or not actor.ready():
                    break
                actor.step()
            else:
                raise Broken(f"R2: {actor.label} never comes to rest")
            if actor.broke is not None:
                raise Broken(f"{actor.label} ended by {type(actor.broke).__name__}: {actor.broke}")
        self._check()

    def _land_late(self, really: bool) -> None:
        for call in list(self.world.store.late) if really else []:
            self.world.store.land(call)

    def _run_jobs_dry(self) -> None:
        for _ in range(40):
            for _ in range(3):
                self._run_fairly()
            # Long after their callers died, but before the delete is repeated.
            self._land_late(True)
            if not StoreJob.objects.exists():
                return
            # The pauses of jobs are in service time, so move it to when the next one is due.
            due_ms = min(StoreJob.objects.values_list("not_before_ms", flat=True))
            pause_ms = min(max(due_ms - clock.service_now(), 0), 2 * LATE_MS)
            ServiceClock.objects.update(s_ms=F("s_ms") + pause_ms)
        raise Broken(f"R2: jobs are left: {list(StoreJob.objects.values_list('kind', 'dead', 'error'))}")

    def _check_clean(self) -> None:
        world = self.world
        files = {file.pk: file for file in File.objects.filter(draft=world.draft)}
        if self._state() not in ("committed", "expired"):
            raise Broken(f"R2: the draft ends as {self._state()}")
        wanted = {file.store_key for file in files.values() if file.state == "permanent"}
        if wanted != set(world.store.objects):
            raise Broken(f"R7: objects {sorted(world.store.objects)}, rows {sorted(wanted)}")
        if states := {file.state for file in files.values()} - {"permanent", "deleted"}:
            raise Broken(f"R2: files end as {states}")
        linked = set(ProductFile.objects.values_list("upload", flat=True))
        if linked != {pk for pk, file in files.items() if file.state == "permanent"}:
            raise Broken("R1: the product shows other files than are permanent")
        with patch.object(sweeper, "STRAY_SECONDS", -1):
            sweeper.garbage_collect()
        if left := sorted(path.suffix for path in spool.directory().iterdir()):
            raise Broken(f"R2: spools are left: {left}")
