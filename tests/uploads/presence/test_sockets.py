from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver
from uploads import api
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import LEASE_MS, Cause
from uploads.drafts import lifecycle
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.models import DisconnectionRecord, Draft, Process, Socket
from uploads.presence import sockets

LEASE_SECONDS = LEASE_MS / 1000


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> Code:
    return refused.value.code


# --- Connecting


def test_a_connect_opens_the_draft_and_takes_its_deadline_away(driver: Driver, process: UUID):
    socket_id = driver.connect(process)

    draft = driver.draft
    assert (draft.state, draft.deadline_ms, draft.grace_since_ms) == ("open", None, None)
    assert sockets.live_sockets(clock.service_now()).get().pk == socket_id


def test_a_user_has_as_many_sockets_as_allowed_in_all_drafts_and_processes(
    make_driver: Callable[[], Driver], process: UUID, settings: Settings, other_user: User
):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_user_sockets": 2}}
    one, two = make_driver(), make_driver()
    first = one.connect(process)
    two.connect(sockets.start_process())
    with pytest.raises(Refusal) as refused:
        two.connect(process)
    theirs = Driver(other_user, api.open_draft(other_user, PRODUCT).id).connect(process)
    sockets.disconnect(first, Cause.CLEAN)

    assert code_of(refused) == Code.TOO_FAST
    assert theirs
    assert two.connect(process)


@pytest.mark.parametrize("away", [0, 7])
def test_a_connect_records_how_long_nobody_was_there(
    driver: Driver, process: UUID, service_clock: FakeClock, away: int
):
    service_clock.advance(1)
    sockets.disconnect(driver.connect(process), Cause.LOST)
    DisconnectionRecord.objects.all().delete()
    service_clock.advance(away, alive=[process])

    driver.connect(process)

    assert [(gap.duration_ms, gap.cause) for gap in DisconnectionRecord.objects.all()] == [(away * 1000, Cause.LOST)]


def test_a_first_visit_records_how_long_the_page_took_also_in_the_first_moment_of_service(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    assert driver.draft.grace_since_ms == 0
    service_clock.advance(3, alive=[process])

    driver.connect(process)

    assert DisconnectionRecord.objects.get().duration_ms == 3_000


def test_a_second_tab_records_no_gap(driver: Driver, process: UUID):
    driver.connect(process)
    driver.connect(process)
    assert DisconnectionRecord.objects.count() == 1


@pytest.mark.parametrize("who", ["missing", "foreign"])
def test_a_missing_and_a_foreign_draft_get_the_same_answer(driver: Driver, process: UUID, other_user, who: str):
    draft_id, user = (uuid4(), driver.user) if who == "missing" else (driver.id, other_user)

    with pytest.raises(Refusal) as refused:
        sockets.connect(draft_id, user, process)

    assert code_of(refused) == Code.DRAFT_NOT_FOUND
    assert not Socket.objects.exists()


def test_a_connect_to_a_saved_draft_learns_the_products_page(driver: Driver, process: UUID):
    driver.commit()
    with pytest.raises(AlreadyCommitted) as refused:
        driver.connect(process)
    assert (code_of(refused), refused.value.url) == (Code.DRAFT_ENDED, "/products/7/")


def test_a_connect_to_an_expired_draft_learns_what_was_lost(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.store("front.jpg")
    driver.expire(service_clock)

    with pytest.raises(DraftGone) as refused:
        driver.connect(sockets.start_process())

    assert (code_of(refused), refused.value.names) == (Code.DRAFT_EXPIRED, ("front.jpg",))


def test_a_connect_never_makes_a_draft(driver: Driver, process: UUID):
    with pytest.raises(Refusal):
        sockets.connect(uuid4(), driver.user, process)
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("how", ["lapsed", "draining", "unknown"])
def test_a_process_that_counts_as_dead_takes_no_sockets(
    driver: Driver, process: UUID, service_clock: FakeClock, how: str
):
    lifecycle.renew(driver.id)
    if how == "lapsed":
        service_clock.advance(LEASE_SECONDS + 1)
    elif how == "draining":
        sockets.drain(process)
    else:
        process = uuid4()

    with pytest.raises(Refusal) as refused:
        driver.connect(process)

    assert code_of(refused) == Code.LEASE_LOST
    assert driver.state == "grace"


# --- Leaving


@pytest.mark.parametrize(("cause", "n_ms"), [(Cause.CLEAN, 10_000), (Cause.LOST, 20_000), (Cause.RESTART, 20_000)])
def test_the_last_socket_starts_the_grace_of_its_cause(
    driver: Driver, process: UUID, service_clock: FakeClock, cause: Cause, n_ms: int
):
    socket_id = driver.connect(process)
    s_ms = service_clock.advance(5, alive=[process])

    sockets.disconnect(socket_id, cause)

    draft = driver.draft
    assert (draft.state, draft.grace_cause) == ("grace", cause)
    assert (draft.grace_since_ms, draft.deadline_ms) == (s_ms, s_ms + n_ms)


def test_a_draft_stays_open_while_another_tab_is_there(driver: Driver, process: UUID):
    first, _ = driver.connect(process), driver.connect(process)
    sockets.disconnect(first, Cause.CLEAN)
    assert (driver.state, driver.draft.deadline_ms) == ("open", None)


def test_a_second_goodbye_changes_nothing(driver: Driver, process: UUID, service_clock: FakeClock):
    socket_id = driver.connect(process)
    sockets.disconnect(socket_id, Cause.CLEAN)
    before = Draft.objects.values().get()
    service_clock.advance(5)

    sockets.disconnect(socket_id, Cause.LOST)

    assert Draft.objects.values().get() == before


def test_a_goodbye_of_a_socket_nobody_knows_is_fine(driver: Driver):
    before = Draft.objects.values().get()
    sockets.disconnect(uuid4(), Cause.CLEAN)
    assert Draft.objects.values().get() == before


def test_a_goodbye_after_the_end_only_closes_the_socket(driver: Driver, process: UUID):
    socket_id = driver.connect(process)
    driver.commit()

    sockets.disconnect(socket_id, Cause.CLEAN)

    assert driver.state == "committed"
    assert Socket.objects.get().closed_ms is not None


# --- Leases


def test_a_lease_is_renewed_while_it_holds_and_never_after(process: UUID, service_clock: FakeClock):
    service_clock.advance(LEASE_SECONDS)
    assert sockets.renew_lease(process)
    service_clock.advance(LEASE_SECONDS + 1)
    assert not sockets.renew_lease(process)
    assert not sockets.renew_lease(uuid4())


@pytest.mark.parametrize("how", ["a sweep", "a goodbye", "a drain"])
def test_a_lease_that_lapsed_is_not_renewed_on_an_older_reading_of_the_clock(
    driver: Driver, process: UUID, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch, how: str
):
    """The process pauses between reading S and writing its lease; its sockets are closed meanwhile."""
    other = sockets.start_process()
    driver.connect(process)
    elsewhere = driver.connect(other)
    read_ms = service_clock.advance(LEASE_SECONDS - 1, alive=[other])
    service_clock.advance(2, alive=[other])
    if how == "a sweep":
        Socket.objects.filter(pk=elsewhere).update(closed_ms=read_ms)
        sweeper.sweep()
    elif how == "a goodbye":
        sockets.disconnect(elsewhere, Cause.CLEAN)
    else:
        sockets.drain(other)
    assert driver.state == "grace"

    with monkeypatch.context() as stopped:
        stopped.setattr(clock, "service_now", lambda: read_ms)
        sockets.renew_lease(process)

    assert not sockets.renew_lease(process)


def test_an_outage_lapses_no_lease(process: UUID, service_clock: FakeClock):
    service_clock.advance(10)
    service_clock.outage(3600)
    clock.tick()
    assert sockets.renew_lease(process)


def test_the_drafts_of_a_lapsed_process_go_into_the_grace_of_a_loss(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    driver.connect(process)
    s_ms = service_clock.advance(LEASE_SECONDS + 1)

    assert sockets.close_lapsed() == 1

    draft = driver.draft
    assert (draft.state, draft.grace_cause, draft.deadline_ms) == ("grace", Cause.LAPSED, s_ms + 20_000)
    assert Socket.objects.get().closed_ms == s_ms
    assert sockets.close_lapsed() == 0


def test_a_tab_on_a_living_process_keeps_the_draft_open(driver: Driver, process: UUID, service_clock: FakeClock):
    living = sockets.start_process()
    driver.connect(process)
    driver.connect(living)
    service_clock.advance(LEASE_SECONDS + 1, alive=[living])

    assert sockets.close_lapsed() == 0
    assert driver.state == "open"


def test_a_paused_processs_late_goodbye_does_not_shorten_the_grace(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    socket_id = driver.connect(process)
    service_clock.advance(LEASE_SECONDS + 1)
    sockets.close_lapsed()
    before = driver.draft.deadline_ms

    sockets.disconnect(socket_id, Cause.CLEAN)

    assert driver.draft.deadline_ms == before


def test_a_draining_process_gives_its_sockets_back_at_once(driver: Driver, process: UUID):
    driver.connect(process)
    driver.connect(process)

    assert sockets.drain(process) == 2

    assert (driver.state, driver.draft.grace_cause) == ("grace", Cause.RESTART)
    assert sockets.drain(process) == 0


def test_a_draft_with_a_tab_elsewhere_outlives_a_drain(driver: Driver, process: UUID):
    """Its other tabs learn that there is one socket fewer."""
    driver.connect(process)
    staying = driver.connect(sockets.start_process())
    before = driver.draft.revision

    assert sockets.drain(process) == 1

    assert (driver.state, driver.draft.revision) == ("open", before + 1)
    assert sockets.live_sockets(clock.service_now()).get().pk == staying


def test_a_drain_closes_also_what_died_with_another_process(driver: Driver, process: UUID, service_clock: FakeClock):
    driver.connect(sockets.start_process())
    service_clock.advance(LEASE_SECONDS + 1, alive=[process])
    driver.connect(process)

    sockets.drain(process)

    assert (driver.state, driver.draft.grace_cause) == ("grace", Cause.RESTART)
    assert not Socket.objects.filter(closed_ms=None).exists()


def test_a_drain_takes_few_queries_however_many_tabs_there_are(
    make_driver: Callable[[], Driver], process: UUID, settings, django_assert_max_num_queries
):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_drafts": 1000}}
    for _ in range(100):
        make_driver().connect(process)
    with django_assert_max_num_queries(16):
        assert sockets.drain(process) == 100
    assert set(Draft.objects.values_list("state", "grace_cause")) == {("grace", Cause.RESTART)}


def test_a_visit_leaves_no_process_behind(process: UUID):
    with pytest.raises(ZeroDivisionError), sockets.temporary_worker():
        1 / 0  # noqa: B018
    assert [left.pk for left in Process.objects.all()] == [process]
