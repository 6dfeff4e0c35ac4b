from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.support.time.service_clock import FakeClock
from tests.support.wire.desk import Desk
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


def left_ms(desk: Desk) -> int:
    deadline = desk.draft.deadline_ms
    assert deadline is not None
    return deadline - clock.service_now()


def test_a_visit_renews_the_deadline_and_opens_nothing(desk: Desk, tab: UUID, service_clock: FakeClock):
    service_clock.advance(5)
    polling.touch(desk.id, tab)

    assert (desk.state, left_ms(desk)) == ("grace", REQUEST_GRACE_MS)
    assert not sockets.live_sockets(clock.service_now()).exists()


def test_the_requests_of_one_second_are_written_down_once(desk: Desk, tab: UUID, service_clock: FakeClock):
    polling.touch(desk.id, tab)
    service_clock.advance(0.5)
    polling.touch(desk.id, tab)
    assert left_ms(desk) == REQUEST_GRACE_MS - 500
    service_clock.advance(0.5)
    polling.touch(desk.id, tab)

    assert left_ms(desk) == REQUEST_GRACE_MS


def test_first_requests_at_once_are_one_visit(desk: Desk, tab: UUID):
    results = race(*[lambda: polling.touch(desk.id, tab)] * 4)

    assert results == [None] * 4
    assert Socket.objects.filter(draft=desk.id).count() == 1


def test_an_id_that_is_somebody_elses_is_refused(desk: Desk, make_desk, tab: UUID, process: UUID):
    polling.touch(desk.id, tab)
    for taken in (tab, desk.connect(process)):
        with pytest.raises(Refusal) as caught:
            polling.touch(make_desk().id, taken)
        assert caught.value.code == Code.BAD_MESSAGE


def test_an_ended_draft_is_not_brought_back(desk: Desk, tab: UUID, service_clock: FakeClock):
    desk.expire(service_clock)
    ended = desk.state
    polling.touch(desk.id, tab)

    assert (desk.state, desk.draft.deadline_ms) == (ended, None)
    assert ended in ("expiring", "expired")


def test_a_process_that_dies_leaves_the_draft_to_the_visits(
    desk: Desk, tab: UUID, process: UUID, service_clock: FakeClock
):
    """The longer of the two applies: here N after a loss is 20 s."""
    desk.connect(process)
    polling.touch(desk.id, tab)
    asked_ms = clock.service_now()
    service_clock.advance(20)
    sweeper.sweep()

    assert desk.draft.grace_cause == Cause.LAPSED
    assert desk.draft.deadline_ms == asked_ms + REQUEST_GRACE_MS


def test_a_tab_that_went_quiet_sends_nothing_any_more(desk: Desk, tab: UUID, service_clock: FakeClock):
    polling.touch(desk.id, tab)
    lease = desk.add()
    operations.resume(desk.id, desk.user, lease.file, lease.size, tab)
    assert polling.reap_idle() == 0
    service_clock.advance(POLLING_TIMEOUT_MS / 1000 + 1)
    revision = desk.draft.revision
    assert polling.reap_idle() == 1
    assert polling.reap_idle() == 0

    assert desk.draft.revision == revision + 1
    assert desk.file(lease.file).writer is None


def test_more_tabs_than_anybody_has_are_refused_and_the_draft_lives_on(desk: Desk, tab: UUID, service_clock: FakeClock):
    for _ in range(MAX_TABS):
        polling.touch(desk.id, uuid4())
    service_clock.advance(IDLE_MS / 1000)
    with pytest.raises(Refusal) as refused:
        polling.touch(desk.id, tab)

    assert (refused.value.code, refused.value.retryable) == (Code.TOO_FAST, True)
    assert left_ms(desk) == REQUEST_GRACE_MS
    assert Socket.objects.filter(draft=desk.id).count() == MAX_TABS


def test_a_tab_that_is_known_asks_on_beside_too_many(desk: Desk, tab: UUID, service_clock: FakeClock):
    polling.touch(desk.id, tab)
    service_clock.advance(5)
    for _ in range(MAX_TABS - 1):
        polling.touch(desk.id, uuid4())
    service_clock.advance(5)
    polling.touch(desk.id, tab)

    assert Socket.objects.get(pk=tab).closed_ms == clock.service_now()


def test_reloads_without_end_are_let_in_and_leave_a_bounded_number_of_rows(
    desk: Desk, tab: UUID, service_clock: FakeClock
):
    """Each request acts as a tab of its own. The tab that stays open beside them polls once a minute, and stays."""
    for number in range(2 * MAX_TABS):
        polling.touch(desk.id, uuid4())
        if number % 50 == 0:
            polling.touch(desk.id, tab)
        service_clock.advance(1)

    assert Socket.objects.filter(draft=desk.id).count() == MAX_TABS
    assert Socket.objects.filter(pk=tab).exists()


def test_another_draft_has_tabs_of_its_own_and_sockets_are_none(
    desk: Desk, make_desk, tab: UUID, process: UUID, service_clock: FakeClock
):
    other = make_desk()
    polling.touch(desk.id, tab)
    socket = desk.connect(process)
    for _ in range(MAX_TABS):
        polling.touch(other.id, uuid4())
    polling.touch(desk.id, uuid4())

    assert Socket.objects.filter(pk__in=[tab, socket]).count() == 2


def test_a_socket_that_sends_is_never_quiet(desk: Desk, process: UUID, service_clock: FakeClock):
    socket = desk.connect(process)
    lease = desk.add()
    operations.resume(desk.id, desk.user, lease.file, lease.size, socket)
    service_clock.advance(POLLING_TIMEOUT_MS / 1000 + 1, alive=[process])

    assert polling.reap_idle() == 0
