from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from tests.verification.races import race
from uploads import api, snapshot
from uploads.core.service_time import Cause
from uploads.core.snapshot import Snapshot
from uploads.expiry import set_grace, sweeper
from uploads.grace import clock
from uploads.grace.forecast import Forecast
from uploads.grace.policy import grace_settings
from uploads.grace.rules import REQUEST_GRACE_MS, GraceSettings, recompute_deadline
from uploads.models import Draft, LiveGrace
from uploads.presence import sockets

LONG, SHORT = GraceSettings(1000, 2000), GraceSettings(100, 200)


@pytest.fixture(autouse=True)
def long_grace(settings) -> None:
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 1000, "GRACE_SECONDS_LOST": 2000}


def left_of(driver: Driver) -> int:
    deadline = driver.draft.deadline_ms
    assert deadline is not None
    return deadline - clock.service_now()


def test_the_next_goodbye_anywhere_obeys_a_change(driver: Driver, process: UUID):
    socket_id = driver.connect(process)
    set_grace.change(SHORT, "ada")

    sockets.disconnect(socket_id, Cause.CLEAN)

    assert left_of(driver) == 100_000


def test_what_was_set_live_wins_over_the_settings_until_it_is_taken_back(driver: Driver, settings):
    set_grace.change(SHORT, "ada")
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 7}
    assert grace_settings() == SHORT

    set_grace.change(None, "ada")
    assert grace_settings() == GraceSettings(7, 2000)


@pytest.mark.parametrize(("cause", "n_ms"), [(Cause.CLEAN, 100_000), (Cause.LOST, 200_000)])
def test_a_change_reaches_drafts_that_are_in_grace(
    driver: Driver, process: UUID, service_clock: FakeClock, cause: Cause, n_ms: int
):
    sockets.disconnect(driver.connect(process), cause)
    service_clock.advance(30)
    set_grace.change(SHORT, "ada")
    assert left_of(driver) == n_ms - 30_000

    set_grace.change(None, "ada")
    assert left_of(driver) == n_ms * 10 - 30_000


@pytest.mark.parametrize(("after", "left_ms"), [(SHORT, 60_000), (GraceSettings(20, 20), 20_000)])
def test_a_change_leaves_everybody_a_minute_or_n(
    driver: Driver, service_clock: FakeClock, after: GraceSettings, left_ms: int
):
    driver.abandon()
    service_clock.advance(999)

    set_grace.change(after, "ada")

    assert left_of(driver) == left_ms


def test_a_draft_that_lives_by_requests_is_renewed_in_the_new_measure(driver: Driver, service_clock: FakeClock):
    """Its page may poll only once a minute, so a request is worth 180 s whatever N is."""
    service_clock.advance(50)
    assert left_of(driver) == 950_000
    set_grace.change(GraceSettings(10, 10), "ada")

    assert left_of(driver) == REQUEST_GRACE_MS - 50_000


def test_a_request_after_a_lost_socket_counts_also_once_n_has_shrunk(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    """WebSockets became blocked in between; the page now polls over HTTP."""
    set_grace.change(GraceSettings(10, 10), "ada")
    sockets.disconnect(driver.connect(process), Cause.LOST)
    service_clock.advance(9)
    api.find_draft(driver.user, driver.id, api.Target("product"))
    service_clock.advance(9)

    set_grace.change(GraceSettings(5, 5), "ada")

    assert left_of(driver) == REQUEST_GRACE_MS - 9_000


def test_ended_and_open_drafts_have_no_deadline_to_change(make_driver: Callable[[], Driver], process: UUID):
    saved, opened = make_driver(), make_driver()
    saved.commit()
    opened.connect(process)

    impact = set_grace.change(SHORT, "ada")

    assert impact.in_grace == 0
    assert [driver.draft.deadline_ms for driver in (saved, opened)] == [None, None]


def test_open_tabs_are_told_by_a_new_revision(make_driver: Callable[[], Driver], process: UUID):
    opened, waiting = make_driver(), make_driver()
    opened.connect(process)
    before = {driver.id: driver.draft.revision for driver in (opened, waiting)}

    set_grace.change(SHORT, "ada")

    after = {driver.id: driver.draft.revision for driver in (opened, waiting)}
    assert (after[opened.id] - before[opened.id], after[waiting.id] - before[waiting.id]) == (1, 0)
    told = snapshot.read(opened.id, Snapshot)
    assert told is not None
    assert (told.draft.grace_seconds, told.draft.grace_seconds_lost) == (100, 200)


def test_a_preview_tells_what_the_change_then_does_and_changes_nothing(
    make_driver: Callable[[], Driver], process: UUID, service_clock: FakeClock
):
    early, late = make_driver(), make_driver()
    sockets.disconnect(early.connect(process), Cause.CLEAN)
    service_clock.advance(150, alive=[process])
    sockets.disconnect(early.connect(process), Cause.CLEAN)
    sockets.disconnect(late.connect(process), Cause.LOST)
    rows = list(Draft.objects.order_by("pk").values())

    told = set_grace.preview(GraceSettings(100, 5000))

    assert list(Draft.objects.order_by("pk").values()) == rows
    assert (told.in_grace, told.sooner, told.later, told.earliest_ms) == (2, 1, 1, 100_000)
    assert told.past == Forecast(returned=1, lost=1, abandoned=0, gigabyte_hours=0)
    assert set_grace.change(GraceSettings(100, 5000), "ada") == told
    assert sorted([left_of(early), left_of(late)]) == [100_000, 5_000_000]


@given(st.data())
@examples(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_change_writes_the_deadlines_that_the_rule_decides(user, service_clock: FakeClock, data: st.DataObject):
    graces = st.builds(GraceSettings, st.integers(1, 400), st.integers(1, 400))
    before, after = data.draw(graces), data.draw(graces)
    s_ms = service_clock.advance(500)
    LiveGrace.objects.update_or_create(pk=1, defaults={"seconds": before.seconds, "seconds_lost": before.seconds_lost})
    Draft.objects.all().delete()
    facts = st.tuples(st.sampled_from(list(Cause)), st.integers(0, 500_000), st.integers(-500_000, 800_000))
    rows = [
        Draft(
            owner=user, grace_cause=cause, grace_since_ms=s_ms - ago, deadline_ms=s_ms + left, created_at=timezone.now()
        )
        for cause, ago, left in data.draw(st.lists(facts, min_size=1, max_size=20))
    ]
    # The boundary: exactly the grace it was given, so nobody polled since.
    rows.append(Draft(owner=user, grace_cause=Cause.LOST, grace_since_ms=s_ms, created_at=timezone.now()))
    rows[-1].deadline_ms = s_ms + before.milliseconds(Cause.LOST)
    Draft.objects.bulk_create(rows)

    set_grace.change(after, "ada")

    assert {draft.pk: draft.deadline_ms for draft in Draft.objects.all()} == {
        row.pk: recompute_deadline(
            row.deadline_ms or 0, row.grace_since_ms or 0, Cause(row.grace_cause), before, after, s_ms
        )
        for row in rows
    }


def test_a_change_is_logged_with_who_and_what(driver: Driver, caplog: pytest.LogCaptureFixture):
    driver.abandon()
    with caplog.at_level(logging.INFO, "uploads.events"):
        set_grace.change(SHORT, "ada@office")

    assert json.loads(caplog.messages[-1]) == {
        "event": "grace_changed",
        "by": "ada@office",
        "seconds": 100,
        "seconds_lost": 200,
        "seconds_before": 1000,
        "seconds_lost_before": 2000,
        "drafts": 1,
        "sooner": 1,
    }


def test_a_change_that_meets_goodbyes_reaches_those_drafts_too(make_driver: Callable[[], Driver], process: UUID):
    """Whichever comes first, no draft keeps the previous N."""
    drivers = [make_driver() for _ in range(3)]
    for number in range(12):
        after = SHORT if number % 2 else LONG
        tabs = [driver.connect(process) for driver in drivers]

        results = race(
            *[partial(sockets.disconnect, tab, Cause.CLEAN) for tab in tabs], partial(set_grace.change, after, "ada")
        )

        assert [result for result in results if isinstance(result, Exception)] == []
        assert {left_of(driver) for driver in drivers} == {after.seconds * 1000}


def test_a_shorter_n_expires_what_it_should(make_driver: Callable[[], Driver], service_clock: FakeClock):
    driver = make_driver()
    driver.abandon()
    service_clock.advance(500)
    set_grace.change(SHORT, "ada")
    service_clock.advance(59)
    assert sweeper.sweep().expired == 0
    service_clock.advance(1)
    assert sweeper.sweep().expired == 1
