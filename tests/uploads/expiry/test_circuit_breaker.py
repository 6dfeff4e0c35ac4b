from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from tests.verification.races import race
from uploads.core.service_time import Cause
from uploads.expiry import circuit_breaker, set_grace, sweeper
from uploads.expiry import circuit_breaker_rules as rules
from uploads.expiry.circuit_breaker_rules import FREEZE_MS
from uploads.grace import clock
from uploads.grace.rules import FLOOR_MS, GraceSettings
from uploads.models import Draft, ExpiryFreeze, Socket
from uploads.presence import sockets

FREEZE_SECONDS = FREEZE_MS // 1000
TABS = 24


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """Return the breaker's log lines so far."""
    caplog.set_level(logging.INFO, "uploads.events")

    def heard() -> list[dict[str, Any]]:
        return [
            {**json.loads(record.getMessage()), "level": record.levelname}
            for record in caplog.records
            if record.getMessage().startswith("{") and "expiry_" in record.getMessage()
        ]

    return heard


@pytest.fixture(autouse=True)
def fewer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held at two hundred drafts is held at forty; one test has all of them."""
    if "two_hundred" not in request.node.name:
        monkeypatch.setattr(rules, "MIN_DUE", 40)


@pytest.fixture(autouse=True)
def running_clock(transactional_db: None, service_clock: FakeClock) -> None:
    service_clock.advance(1)


def abandoned(user: User, count: int, seconds: float = 0) -> list[UUID]:
    """Create this many drafts in grace, due in `seconds`."""
    s_ms = clock.service_now()
    made = Draft.objects.bulk_create(
        Draft(
            id=uuid4(),
            owner=user,
            target_kind="product",
            grace_since_ms=s_ms,
            grace_cause=Cause.CLEAN,
            deadline_ms=s_ms + round(seconds * 1000),
            folder="x",
            created_at=timezone.now(),
        )
        for _ in range(count)
    )
    return [draft.pk for draft in made]


def expire_all_that_may() -> int:
    """Sweep until there is nothing more to expire."""
    expired = 0
    while found := sweeper.sweep().expired:
        expired += found
    return expired


def frozen() -> bool:
    return circuit_breaker.state().frozen_until_ms is not None


def tabs(make_driver: Callable[[], Driver], process: UUID, settings, count: int = TABS) -> list[UUID]:
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_drafts": 1000}}
    return [make_driver().connect(process) for _ in range(count)]


# --- Too many drafts


def test_two_hundred_drafts_may_expire_together(user: User):
    abandoned(user, rules.MIN_DUE)
    assert expire_all_that_may() == rules.MIN_DUE


def test_more_freeze_expiry_a_minute_before_and_all_expire_after_the_freeze(
    user: User, service_clock: FakeClock, events
):
    """A real mass expiry is held once, and then happens."""
    abandoned(user, rules.MIN_DUE + 1, seconds=60)
    sweeper.sweep()
    assert frozen()
    service_clock.advance(FREEZE_SECONDS - 1)
    assert sweeper.sweep().expired == 0

    service_clock.advance(1)
    assert expire_all_that_may() == rules.MIN_DUE + 1

    assert not frozen()
    facts = {
        "due": rules.MIN_DUE + 1,
        "drafts": rules.MIN_DUE + 1,
        "lost": 0,
        "sockets": 0,
    }
    assert events() == [
        {"event": "expiry_frozen", "level": "ERROR", "reason": "due", "s_ms": 1_000, **facts},
        {"event": "expiry_resumed", "level": "INFO", "s_ms": 1_000 + FREEZE_MS, "by": ""},
    ]


def test_what_is_due_later_than_a_minute_freezes_nothing(user: User):
    abandoned(user, rules.MIN_DUE + 1, seconds=60.001)
    sweeper.sweep()
    assert not frozen()


def test_half_of_many_drafts_may_expire(user: User):
    abandoned(user, 2 * rules.MIN_DUE + 1, seconds=3600)
    abandoned(user, rules.MIN_DUE + 1, seconds=60)
    sweeper.sweep()
    assert not frozen()


def test_a_new_crowd_freezes_again_and_the_old_one_goes_nevertheless(user: User, service_clock: FakeClock):
    first = abandoned(user, rules.MIN_DUE + 1)
    sweeper.sweep()
    service_clock.advance(FREEZE_SECONDS)
    sweeper.sweep()
    second = abandoned(user, rules.MIN_DUE + 1, seconds=30)
    sweeper.sweep()
    assert frozen()
    service_clock.advance(60)

    expire_all_that_may()

    assert Draft.objects.filter(pk__in=first, state="expired").count() == len(first)
    assert Draft.objects.filter(pk__in=second, state="grace").count() == len(second)


def test_a_returning_tab_and_a_save_are_free_in_a_freeze(user: User, driver: Driver, process: UUID):
    abandoned(user, rules.MIN_DUE + 1)
    sweeper.sweep()
    driver.connect(process)
    driver.commit()
    assert driver.state == "committed"


def test_many_sweepers_freeze_once(user: User, events):
    abandoned(user, rules.MIN_DUE + 1)
    race(*[sweeper.sweep] * 4)
    assert frozen()
    assert [event["event"] for event in events()] == ["expiry_frozen"]
    assert not Draft.objects.exclude(state="grace").exists()


def test_a_change_of_n_is_exempt(user: User, service_clock: FakeClock, events, settings):
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 3600}
    abandoned(user, rules.MIN_DUE + 1, seconds=3600)
    service_clock.advance(1800)

    set_grace.change(GraceSettings(300, 300), "ada")
    sweeper.sweep()
    service_clock.advance(60)

    assert expire_all_that_may() == rules.MIN_DUE + 1
    assert events() == []


def test_a_change_of_n_lets_nothing_through_a_freeze(user: User, service_clock: FakeClock):
    abandoned(user, rules.MIN_DUE + 1)
    sweeper.sweep()

    set_grace.change(GraceSettings(1, 1), "ada")
    service_clock.advance(61)

    assert sweeper.sweep().expired == 0


def test_after_an_outage_in_a_freeze_the_floor_holds_and_the_freeze_goes_on(user: User, service_clock: FakeClock):
    """Overdue drafts that were held get another minute; the freeze has not started meanwhile."""
    held = abandoned(user, rules.MIN_DUE + 1)
    sweeper.sweep()
    service_clock.advance(FREEZE_SECONDS - 5)
    service_clock.outage(3600)
    s_ms = clock.tick()

    assert frozen()
    floor = min(FLOOR_MS, 10_000)
    assert set(Draft.objects.filter(pk__in=held).values_list("deadline_ms", flat=True)) == {s_ms + floor}
    service_clock.advance(9)
    assert sweeper.sweep().expired == 0
    assert not frozen()


# --- Too many sockets


def test_sockets_that_are_lost_together_freeze_expiry(make_driver, process: UUID, settings, events):
    for tab in tabs(make_driver, process, settings):
        sockets.disconnect(tab, Cause.LOST)

    sweeper.sweep()

    assert frozen()
    assert events()[0] | {"drafts": 0, "due": 0, "s_ms": 0} == {
        "event": "expiry_frozen",
        "level": "ERROR",
        "reason": "lost",
        "lost": TABS,
        "sockets": TABS,
        "drafts": 0,
        "due": 0,
        "s_ms": 0,
    }


def test_a_process_that_died_with_its_sockets_freezes_expiry(
    make_driver, process: UUID, settings, service_clock: FakeClock
):
    tabs(make_driver, process, settings)
    service_clock.advance(16)
    sweeper.sweep()
    assert frozen()


@pytest.mark.parametrize("how", ["clean", "drained", "spread", "half", "back", "few"])
def test_what_is_no_blast_freezes_nothing(make_driver, process: UUID, settings, service_clock: FakeClock, how: str):
    living = sockets.start_process()
    opened = tabs(make_driver, process, settings, 20 if how == "few" else TABS)
    if how in {"half", "back"}:
        tabs(make_driver, living, settings)
    if how == "drained":
        sockets.drain(process)
    for number, tab in enumerate(opened):
        if how == "spread" and number == TABS // 2:
            service_clock.advance(31, alive=[process, living])
        sockets.disconnect(tab, Cause.CLEAN if how == "clean" else Cause.LOST)
    if how == "back":
        for lost in Socket.objects.filter(pk__in=opened).select_related("draft__owner"):
            assert lost.draft.owner is not None
            sockets.connect(lost.draft_id, lost.draft.owner, living)

    sweeper.sweep()

    assert not frozen()


# --- An operator


def test_a_freeze_can_be_lifted_and_does_not_come_back_for_the_same(user: User, events):
    abandoned(user, rules.MIN_DUE + 1)
    sweeper.sweep()

    assert circuit_breaker.reset("ada")
    assert not circuit_breaker.reset("ada")

    assert expire_all_that_may() == rules.MIN_DUE + 1
    assert [(event["event"], event.get("by")) for event in events()] == [
        ("expiry_frozen", None),
        ("expiry_resumed", "ada"),
    ]


def test_lost_sockets_of_before_the_lift_freeze_nothing_again(make_driver, process: UUID, settings):
    for tab in tabs(make_driver, process, settings):
        sockets.disconnect(tab, Cause.LOST)
    sweeper.sweep()
    circuit_breaker.reset("ada")
    sweeper.sweep()
    assert not frozen()


def test_a_breaker_that_somebody_else_moved_is_left_alone(user: User, monkeypatch: pytest.MonkeyPatch):
    """Two sweeps decide at once; the second decides on an outdated state of the breaker."""
    abandoned(user, rules.MIN_DUE + 1)
    stale = circuit_breaker.state()
    sweeper.sweep()
    circuit_breaker.reset("ada")
    monkeypatch.setattr(circuit_breaker, "state", lambda: stale)
    circuit_breaker.check(clock.service_now())
    assert ExpiryFreeze.objects.get().frozen_until_ms is None


def test_a_sweep_of_two_thousand_drafts_asks_no_more_than_one_of_none(
    user: User, process: UUID, django_assert_max_num_queries
):
    """Once a second, in every process: see docs/operations.md for the milliseconds."""
    drafts = abandoned(user, 2_000, seconds=3600)
    Draft.objects.filter(pk__in=drafts[:500]).update(state="open", deadline_ms=None)
    Draft.objects.filter(pk__in=drafts[500:900]).update(deadline_ms=30_000)
    lost = [Socket(draft_id=draft, process_id=process, opened_ms=0) for draft in drafts[:500]]
    Socket.objects.bulk_create(lost)
    for draft in drafts[1_000:1_100]:
        Socket.objects.create(draft_id=draft, process_id=process, opened_ms=0, closed_ms=1_000, closed_cause="lost")
    sweeper.sweep()

    with django_assert_max_num_queries(18):
        assert sweeper.sweep().expired == 0
    assert not frozen()
