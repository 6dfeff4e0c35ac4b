from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from tests.verification.races import race
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import Cause
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.grace import clock
from uploads.grace.rules import POLLING_TIMEOUT_MS, REQUEST_GRACE_MS
from uploads.models import Socket
from uploads.presence import polling, sockets
from uploads.presence.polling import IDLE_MS, MAX_TABS


@pytest.fixture
def tab() -> UUID:
    """The id of a tab that cannot open a socket."""
    return uuid4()


def left_ms(driver: Driver) -> int:
    deadline = driver.draft.deadline_ms
    assert deadline is not None
    return deadline - clock.service_now()


def test_a_visit_renews_the_deadline_and_opens_nothing(driver: Driver, tab: UUID, service_clock: FakeClock):
    service_clock.advance(5)
    polling.touch(driver.id, tab)

    assert (driver.state, left_ms(driver)) == ("grace", REQUEST_GRACE_MS)
    assert not sockets.live_sockets(clock.service_now()).exists()


def test_the_requests_of_one_second_are_written_down_once(driver: Driver, tab: UUID, service_clock: FakeClock):
    polling.touch(driver.id, tab)
    service_clock.advance(0.5)
    polling.touch(driver.id, tab)
    assert left_ms(driver) == REQUEST_GRACE_MS - 500
    service_clock.advance(0.5)
    polling.touch(driver.id, tab)

    assert left_ms(driver) == REQUEST_GRACE_MS


def test_first_requests_at_once_are_one_visit(driver: Driver, tab: UUID):
    results = race(*[lambda: polling.touch(driver.id, tab)] * 4)

    assert results == [None] * 4
    assert Socket.objects.filter(draft=driver.id).count() == 1


def test_an_id_that_is_somebody_elses_is_refused(driver: Driver, make_driver, tab: UUID, process: UUID):
    polling.touch(driver.id, tab)
    for taken in (tab, driver.connect(process)):
        with pytest.raises(Refusal) as caught:
            polling.touch(make_driver().id, taken)
        assert caught.value.code == Code.BAD_MESSAGE


def test_an_ended_draft_is_not_brought_back(driver: Driver, tab: UUID, service_clock: FakeClock):
    driver.expire(service_clock)
    ended = driver.state
    polling.touch(driver.id, tab)

    assert (driver.state, driver.draft.deadline_ms) == (ended, None)
    assert ended in ("expiring", "expired")


def test_a_process_that_dies_leaves_the_draft_to_the_visits(
    driver: Driver, tab: UUID, process: UUID, service_clock: FakeClock
):
    """The longer of the two applies: here N after a loss is 20 s."""
    driver.connect(process)
    polling.touch(driver.id, tab)
    asked_ms = clock.service_now()
    service_clock.advance(20)
    sweeper.sweep()

    assert driver.draft.grace_cause == Cause.LAPSED
    assert driver.draft.deadline_ms == asked_ms + REQUEST_GRACE_MS


def test_a_tab_that_went_quiet_sends_nothing_any_more(driver: Driver, tab: UUID, service_clock: FakeClock):
    polling.touch(driver.id, tab)
    lease = driver.add()
    operations.resume(driver.id, driver.user, lease.file, lease.size, tab)
    assert polling.reap_idle() == 0
    service_clock.advance(POLLING_TIMEOUT_MS / 1000 + 1)
    revision = driver.draft.revision
    assert polling.reap_idle() == 1
    assert polling.reap_idle() == 0

    assert driver.draft.revision == revision + 1
    assert driver.file(lease.file).writer is None


def test_more_tabs_than_anybody_has_are_refused_and_the_draft_lives_on(
    driver: Driver, tab: UUID, service_clock: FakeClock
):
    for _ in range(MAX_TABS):
        polling.touch(driver.id, uuid4())
    service_clock.advance(IDLE_MS / 1000)
    with pytest.raises(Refusal) as refused:
        polling.touch(driver.id, tab)

    assert (refused.value.code, refused.value.retryable) == (Code.TOO_FAST, True)
    assert left_ms(driver) == REQUEST_GRACE_MS
    assert Socket.objects.filter(draft=driver.id).count() == MAX_TABS


def test_a_tab_that_is_known_asks_on_beside_too_many(driver: Driver, tab: UUID, service_clock: FakeClock):
    polling.touch(driver.id, tab)
    service_clock.advance(5)
    for _ in range(MAX_TABS - 1):
        polling.touch(driver.id, uuid4())
    service_clock.advance(5)
    polling.touch(driver.id, tab)

    assert Socket.objects.get(pk=tab).closed_ms == clock.service_now()


def test_reloads_without_end_are_let_in_and_leave_a_bounded_number_of_rows(
    driver: Driver, tab: UUID, service_clock: FakeClock
):
    """Each request acts as a tab of its own. The tab that stays open beside them polls once a minute, and stays."""
    for number in range(2 * MAX_TABS):
        polling.touch(driver.id, uuid4())
        if number % 50 == 0:
            polling.touch(driver.id, tab)
        service_clock.advance(1)

    assert Socket.objects.filter(draft=driver.id).count() == MAX_TABS
    assert Socket.objects.filter(pk=tab).exists()


def test_another_draft_has_tabs_of_its_own_and_sockets_are_none(
    driver: Driver, make_driver, tab: UUID, process: UUID, service_clock: FakeClock
):
    other = make_driver()
    polling.touch(driver.id, tab)
    socket = driver.connect(process)
    for _ in range(MAX_TABS):
        polling.touch(other.id, uuid4())
    polling.touch(driver.id, uuid4())

    assert Socket.objects.filter(pk__in=[tab, socket]).count() == 2


def test_a_socket_that_sends_is_never_quiet(driver: Driver, process: UUID, service_clock: FakeClock):
    socket = driver.connect(process)
    lease = driver.add()
    operations.resume(driver.id, driver.user, lease.file, lease.size, socket)
    service_clock.advance(POLLING_TIMEOUT_MS / 1000 + 1, alive=[process])

    assert polling.reap_idle() == 0
