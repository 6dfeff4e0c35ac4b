"""Any sequence of what users, time and failures do to a draft, against a model made of plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.support.images.pictures import picture
from tests.support.run.counts import Counted
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver, Host, run_jobs
from tests.verification.draft_model import DraftModel
from uploads import api, spool
from uploads.core.errors import Refusal
from uploads.core.service_time import Cause
from uploads.drafts import lifecycle
from uploads.expiry import sweeper
from uploads.files.operations import WriteLease
from uploads.grace import clock
from uploads.models import File, Socket, StoreJob
from uploads.presence import sockets

VARIANTS = ["", "red", "blue"]
SELDOM = st.sampled_from([False, False, False, True])
"""How often a draft is ended at all; otherwise most runs would be over after a few steps."""
BAD = picture()[:-2000]


class DraftMachine(RuleBasedStateMachine):
    """Drives the real code and the model side by side; `fake` and `backend` are set by the test."""

    fake: FakeClock
    backend: UnreliableStore
    histories = 0

    files = Bundle("files")

    def __init__(self) -> None:
        super().__init__()
        type(self).histories += 1
        user = User.objects.create(username=f"user-{uuid4().hex[:12]}")
        self.driver = Driver(user, api.open_draft(user, PRODUCT).id)
        self.model = DraftModel(deadline=clock.service_now() + 180_000)
        self.process = sockets.start_process()
        self.tabs: list[UUID] = []
        self.leases: dict[UUID, WriteLease] = {}
        self.host = Host()
        self.backend.refusing.clear()
        self.backend.losing_answers.clear()

    def tell(self, real: Any, modelled: Any) -> bool:
        """Run both; they must agree whether the command is refused, and why."""
        try:
            real()
            code = None
        except Refusal as refusal:
            code = refusal.code
        assert code == modelled()
        return code is None

    def live_tabs(self) -> set[UUID]:
        live = Socket.objects.filter(process__lease_ms__gte=clock.service_now(), closed_ms=None)
        return set(live.values_list("pk", flat=True))

    # --- Users

    @rule(target=files, variant=st.sampled_from(VARIANTS), first=st.booleans())
    def add(self, variant: str, first: bool) -> UUID:
        file_id = uuid4()

        def real() -> None:
            place = {"after": None} if first else {}
            self.leases[file_id] = self.driver.add(f"{file_id}.jpg", variant=variant or None, id=file_id, **place)

        self.tell(real, lambda: self.model.add(file_id, variant, first))
        return file_id

    @rule(file_id=files, good=st.sampled_from([True, True, True, False]))
    def send_and_finish(self, file_id: UUID, good: bool) -> None:
        if self.model.state_of(file_id) == "receiving" and spool.latest(file_id) is None:
            content = picture() if good else BAD.ljust(len(picture()), b"\0")
            self.driver.send(self.leases[file_id], content)
            self.model.good[file_id] = good
            self.tell(lambda: self.driver.finish(self.leases[file_id], content), lambda: self.model.finish(file_id))

    @rule(file_id=files)
    def remove(self, file_id: UUID) -> None:
        self.tell(lambda: self.driver.remove(file_id), lambda: self.model.remove(file_id))

    @rule(file_id=files)
    def restore(self, file_id: UUID) -> None:
        self.tell(lambda: self.driver.restore(file_id), lambda: self.model.restore(file_id))

    @rule(file_id=files)
    def purge(self, file_id: UUID) -> None:
        self.tell(lambda: self.driver.purge(file_id), lambda: self.model.purge(file_id))

    @rule(
        some=st.lists(files, min_size=1, max_size=3, unique=True),
        other=st.none() | files,
        variant=st.sampled_from(VARIANTS),
    )
    def reorder(self, some: list[UUID], other: UUID | None, variant: str) -> None:
        self.tell(lambda: self.driver.move(some, other, variant or None), lambda: self.model.move(some, other, variant))

    @rule(rows=st.lists(st.sampled_from(VARIANTS[1:]), unique=True))
    def set_variants(self, rows: list[str]) -> None:
        self.tell(lambda: self.driver.variants(*rows), lambda: self.model.set_variants(rows))

    @rule()
    def connect(self) -> None:
        if not sockets.renew_lease(self.process):
            self.process = sockets.start_process()
        if self.tell(lambda: self.tabs.append(self.driver.connect(self.process)), self.model.connect):
            self.model.tabs.add(self.tabs[-1])

    @precondition(lambda self: self.tabs)
    @rule(data=st.data(), cause=st.sampled_from([Cause.CLEAN, Cause.LOST]))
    def disconnect(self, data: st.DataObject, cause: Cause) -> None:
        tab = data.draw(st.sampled_from(self.tabs))
        sockets.disconnect(tab, cause)
        self.model.disconnect(tab, self.live_tabs(), cause == Cause.CLEAN, clock.service_now())

    @rule(really=SELDOM)
    def discard(self, really: bool) -> None:
        if really:
            self.tell(lambda: lifecycle.discard(self.driver.id, self.driver.user), self.model.discard)

    @rule(without=st.booleans(), really=SELDOM)
    def commit(self, without: bool, really: bool) -> None:
        if not really:
            return
        unfinished = self.model.unfinished() if without else []
        saved = self.tell(lambda: self.driver.commit(self.host, without=unfinished), lambda: self.model.commit(without))
        if saved:
            plan = self.host.plans[-1]
            assert {key: [f.file for f in plan.files if (f.variant_temp_id or "") == key] for key in VARIANTS} == {
                key: self.model.linked.get(key, []) for key in VARIANTS
            }

    # --- Time, failures and the heartbeat

    @rule(seconds=st.sampled_from([1, 4, 9, 30]), alive=st.booleans())
    def advance(self, seconds: int, alive: bool) -> None:
        self.fake.advance(seconds, alive=[self.process] if alive else [])

    @rule()
    def outage(self) -> None:
        self.fake.outage(3600)
        clock.tick()
        self.model.after_outage(clock.service_now())

    @rule()
    def sweep(self) -> None:
        sweeper.sweep()
        self.model.sweep(self.live_tabs(), clock.service_now())

    @rule()
    def run_jobs(self) -> None:
        self.fake.advance(20, alive=[self.process])
        run_jobs()
        self.model.jobs_ran({file_id: self.driver.file(file_id).state for file_id in self.model.waiting()})

    @rule(verb=st.sampled_from(["put", "promote", "destroy"]), lost=st.booleans())
    def the_store_fails_next(self, verb: str, lost: bool) -> None:
        (self.backend.lose_answers if lost else self.backend.refuse)(verb)

    # --- Invariants

    @invariant()
    def the_draft_is_where_the_model_says(self) -> None:
        draft = self.driver.draft
        assert draft.state in self.model.possible_states()
        if draft.state == "grace":
            assert draft.deadline_ms == self.model.deadline
        else:
            assert draft.deadline_ms is None

    @invariant()
    def the_lists_are_dense_and_in_the_models_order(self) -> None:
        if not self.model.live:
            return
        listed: dict[str, list[tuple[int, UUID]]] = {}
        for file in File.objects.filter(draft=self.driver.id, pk__in=self.model.listed()):
            listed.setdefault(file.variant_temp_id, []).append((file.sequence, file.pk))
        told = {variant: sorted(files) for variant, files in listed.items()}
        assert told == {v: list(enumerate(files)) for v, files in self.model.lists.items() if files}

    @invariant()
    def every_file_is_in_the_models_state(self) -> None:
        for file in File.objects.filter(draft=self.driver.id):
            assert file.state in self.model.possible_file_states(file.pk), (file.state, self.model.state_of(file.pk))

    @invariant()
    def whatever_is_shown_has_its_bytes(self) -> None:
        for file in File.objects.filter(draft=self.driver.id, state__in=["stored", "removed", "linked", "permanent"]):
            assert self.backend.exists(file.store_key)

    @invariant()
    def what_is_deleted_has_none_once_its_jobs_are_done(self) -> None:
        for file in File.objects.filter(draft=self.driver.id, state="deleted", jobs=None):
            assert not self.backend.exists(file.store_key)
            assert spool.latest(file.pk) is None

    @invariant()
    def an_unfinished_delivery_always_has_its_job(self) -> None:
        on_their_way = File.objects.filter(
            draft=self.driver.id, state__in=["checking", "storing", "linked", "deleting"], jobs=None
        )
        assert not on_their_way.exists()

    @invariant()
    def a_save_happens_at_most_once(self) -> None:
        assert len(self.host.plans) == (1 if self.driver.state == "committed" else 0)

    def teardown(self) -> None:
        """However it went, time alone brings every draft and every object to its end."""
        self.backend.refusing.clear()
        self.backend.losing_answers.clear()
        for _ in range(30):
            self.fake.advance(40)
            sweeper.sweep()
            run_jobs()
            if self.driver.state in {"committed", "expired"} and not StoreJob.objects.exists():
                break
        assert self.driver.state in {"committed", "expired"}
        assert not StoreJob.objects.filter(file__draft=self.driver.id).exists()
        kept = set(File.objects.filter(draft=self.driver.id, state="permanent").values_list("pk", flat=True))
        assert kept == self.model.promised()


@pytest.mark.django_db(transaction=True)
def test_any_sequence_of_events_leaves_draft_and_store_as_the_model_says(
    service_clock: FakeClock,
    unreliable_store: UnreliableStore,
    counted: Counted,
    report: Callable[[object], None],
):
    DraftMachine.fake, DraftMachine.backend, DraftMachine.histories = service_clock, unreliable_store, 0
    run_state_machine_as_test(
        DraftMachine,
        settings=settings(
            max_examples=counted(10, 500),
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Shrinking a failure takes minutes and exceeds the time limit; fifty steps are readable.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
    report(f"{DraftMachine.histories} histories of up to 50 steps on {connection.vendor}")
