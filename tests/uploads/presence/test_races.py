"""Tabs that connect, disconnect and save at the same moment: each race has one winner, and each draft one grace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, Host
from tests.verification.races import Races, race
from uploads.core.service_time import Cause
from uploads.drafts import lifecycle
from uploads.drafts.lifecycle import DraftGone
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.models import Draft, Socket
from uploads.presence import sockets


def test_two_tabs_that_close_together_always_start_one_grace(
    make_driver: Callable[[], Driver], process: UUID, graces: Counter[UUID], races: Races
):
    for _ in races.rounds(1000):
        driver = make_driver()
        tabs = [driver.connect(process), driver.connect(process)]

        closed: list[str] = []

        def close(name: str, tab: UUID, closed: list[str] = closed) -> None:
            sockets.disconnect(tab, Cause.CLEAN)
            closed.append(name)

        races.race(left=partial(close, "left", tabs[0]), right=partial(close, "right", tabs[1]))

        assert (driver.state, driver.draft.deadline_ms) == ("grace", clock.service_now() + 10_000)
        assert not Socket.objects.filter(draft=driver.id, closed_ms=None).exists()
        assert graces[driver.id] == 1
        lifecycle.discard(driver.id, driver.user)
        races.won(closed[0])


def test_a_reconnect_and_an_expiry_have_one_winner(make_driver: Callable[[], Driver], process: UUID, races: Races):
    for _ in races.rounds(1000):
        driver = make_driver()
        sockets.disconnect(driver.connect(process), Cause.CLEAN)
        Draft.objects.filter(pk=driver.id).update(deadline_ms=0)

        results = races.race(reconnect=partial(driver.connect, process), expiry=sweeper.sweep)

        connected = results["reconnect"]
        if isinstance(connected, UUID):
            assert (driver.state, driver.draft.end_reason) == ("open", "")
            lifecycle.discard(driver.id, driver.user)
            races.won("reconnect")
        else:
            assert isinstance(connected, DraftGone)
            assert driver.draft.end_reason == "grace"
            races.won("expiry")


def test_a_tab_that_comes_while_the_last_one_goes_finds_the_draft_open(
    make_driver: Callable[[], Driver], process: UUID, graces: Counter[UUID], races: Races
):
    for _ in races.rounds(500):
        driver = make_driver()
        going = driver.connect(process)

        goodbye = partial(sockets.disconnect, going, Cause.CLEAN)
        results = races.race(tab=partial(driver.connect, process), goodbye=goodbye)

        assert isinstance(results["tab"], UUID)
        assert (driver.state, driver.draft.deadline_ms) == ("open", None)
        lifecycle.discard(driver.id, driver.user)
        races.won("goodbye" if graces[driver.id] else "tab")


def test_a_save_and_a_goodbye_end_saved(
    make_driver: Callable[[], Driver], process: UUID, graces: Counter[UUID], races: Races
):
    """The browser closes the socket while it submits the form."""
    for _ in races.rounds(500):
        driver, host = make_driver(), Host()
        tab = driver.connect(process)

        races.race(goodbye=partial(sockets.disconnect, tab, Cause.CLEAN), save=partial(driver.commit, host))

        assert (driver.state, driver.draft.deadline_ms, len(host.plans)) == ("committed", None, 1)
        races.won("goodbye" if graces[driver.id] else "save")


def test_a_drain_and_a_goodbye_elsewhere_start_one_grace(
    make_driver: Callable[[], Driver], service_clock: FakeClock, graces: Counter[UUID], races: Races
):
    """Two tabs of one draft on two processes: the second one sees that no other is left."""
    for _ in races.rounds(500):
        driver, going, staying = make_driver(), sockets.start_process(), sockets.start_process()
        driver.connect(going)
        tab = driver.connect(staying)

        goodbye = partial(sockets.disconnect, tab, Cause.CLEAN)
        results = races.race(drain=partial(sockets.drain, going), goodbye=goodbye)

        assert results["drain"] == 1
        assert graces[driver.id] == 1
        assert (driver.state, driver.draft.deadline_ms is not None) == ("grace", True)
        races.won("goodbye" if driver.draft.grace_cause == Cause.RESTART else "drain")
        lifecycle.discard(driver.id, driver.user)


def test_two_drains_at_once_leave_every_draft_in_grace(make_driver: Callable[[], Driver], service_clock: FakeClock):
    for _ in range(5):
        drivers, processes = [make_driver() for _ in range(8)], [sockets.start_process() for _ in range(2)]
        for driver in drivers:
            for process in processes:
                driver.connect(process)

        assert race(*[partial(sockets.drain, process) for process in processes]) == [8, 8]

        assert {driver.state for driver in drivers} == {"grace"}
        for driver in drivers:
            lifecycle.discard(driver.id, driver.user)
