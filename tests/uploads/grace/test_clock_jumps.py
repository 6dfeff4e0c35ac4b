"""Clocks that jump, stand still or are wrong: no draft loses time it was promised, and none lives forever.

Each case is an invented history of a site: heartbeats, a database clock that jumps by an hour or jitters, outages of a
second to thirty days, and servers whose own clocks are an hour off. `accepted` is the truth that no part of the code
can see: the seconds in which a user could really have reconnected.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.support.run import counts
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads.core.service_time import CLOCK_BACK_MS, OUTAGE_MS, STEP_CAP_MS, Cause
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.grace.rules import FLOOR_MS
from uploads.models import ServiceClock
from uploads.presence import sockets

CASES, ALL_CASES = 15, 50
HOUR_MS = 3_600_000
MONTH_S = 30 * 24 * 3600
N = {Cause.CLEAN: 4, Cause.LOST: 8}


class Site:
    """A draft without a socket, another with one, and a heartbeat every second while the site is up."""

    def __init__(self, make_driver: Callable[[], Driver], fake: FakeClock, luck: random.Random) -> None:
        self.clock, self.luck = fake, luck
        self.left, self.held = make_driver(), make_driver()
        self.process: UUID = sockets.start_process()
        self.held.connect(self.process)
        self.cause = luck.choice([Cause.CLEAN, Cause.LOST])
        sockets.disconnect(self.left.connect(self.process), self.cause)
        self.accepted = self.disturbances = 0
        self.after_outage: tuple[int, int] | None = None
        """Accepted seconds and disturbances at the latest silence that counts as an outage."""

    @property
    def n(self) -> int:
        return N[self.cause]

    def beat(self) -> None:
        """Advance one second in which the site is up."""
        self.clock.now_ms += 1000
        is_outage = self.clock.now_ms - ServiceClock.objects.get().last_ms > OUTAGE_MS
        clock.tick()
        assert sockets.renew_lease(self.process), "a process with a steady heartbeat was declared dead"
        if is_outage and self.left.state == "grace":
            self.after_outage = (self.accepted, self.disturbances)
        sweeper.sweep()
        assert self.held.state == "open"
        if self.left.state == "grace":
            self.accepted += 1

    def disturb(self, by_ms: int) -> None:
        """Jump the database clock or stop ticking for that long; the code cannot tell the difference."""
        self.clock.now_ms += by_ms
        self.disturbances += self.left.state == "grace"

    def assert_it_had_its_time(self) -> None:
        """Each disturbance may count as one capped step of service time, never as its apparent duration."""
        # The heartbeat that expired it counts as well.
        accepted, most = self.accepted + 1, STEP_CAP_MS / 1000
        assert accepted >= self.n - self.disturbances * most
        if self.after_outage is not None:
            before, disturbances = self.after_outage
            assert accepted - before >= min(self.n, FLOOR_MS / 1000) - (self.disturbances - disturbances) * most

    def live(self) -> None:
        """The history: heartbeats, with clock changes between them."""
        for _ in range(self.luck.randint(3, 8)):
            for _ in range(self.luck.randint(0, 3)):
                self.beat()
            kind = self.luck.choice(["forward", "back", "jitter", "outage", "outage"])
            if kind == "forward":
                self.disturb(HOUR_MS)
            elif kind == "back":
                self.disturb(-HOUR_MS)
            elif kind == "jitter":
                self.disturb(-self.luck.randint(1, 3000))
            else:
                self.disturb(int(MONTH_S ** self.luck.random()) * 1000)


@pytest.fixture(autouse=True)
def tiny_grace(settings) -> None:
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": N[Cause.CLEAN], "GRACE_SECONDS_LOST": N[Cause.LOST]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(counts.counted(metafunc.config, CASES, ALL_CASES)))


@pytest.mark.usefixtures("counted")
def test_no_clock_takes_or_gives_time(
    make_driver: Callable[[], Driver], service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch, seed: int
):
    luck = random.Random(seed)  # noqa: S311 - a repeatable history
    skew = luck.choice([-1, 1]) * timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.now(UTC) + skew)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + skew.total_seconds())
    site = Site(make_driver, service_clock, luck)

    site.live()

    beats = 0
    while site.left.state == "grace":
        site.beat()
        beats += 1
        assert beats <= site.n + 4 + FLOOR_MS / 1000, "it lives for ever"
    assert site.left.state == "expired"
    site.assert_it_had_its_time()


@pytest.mark.parametrize("seconds", [1, 5, 6, 60, 3600, 86_400, MONTH_S])
@pytest.mark.parametrize("multiple", [3, 100])
def test_an_outage_of_any_length_costs_a_draft_no_second(
    driver: Driver, service_clock: FakeClock, seconds: int, multiple: int
):
    """And one of 3 N or 100 N, whatever N is: a user who returns within N of the restart finds everything."""
    file_id = driver.store()
    driver.abandon()
    service_clock.advance(N[Cause.CLEAN] - 1)

    service_clock.outage(seconds + multiple * N[Cause.CLEAN])
    clock.tick()
    sweeper.sweep()
    service_clock.advance(N[Cause.CLEAN] - 1)
    sweeper.sweep()

    driver.connect(sockets.start_process())
    assert (driver.state, driver.file_state(file_id)) == ("open", "stored")


@pytest.mark.parametrize("jump_ms", [-HOUR_MS, -CLOCK_BACK_MS - 1, -CLOCK_BACK_MS, -1, 1, HOUR_MS])
def test_a_jump_of_the_database_clock_moves_service_time_by_one_step_at_most(
    driver: Driver, service_clock: FakeClock, jump_ms: int
):
    service_clock.advance(10)
    service_clock.now_ms += jump_ms
    after = clock.tick()
    assert 10_000 <= after <= 10_000 + STEP_CAP_MS
    stands_ms = -jump_ms if -CLOCK_BACK_MS <= jump_ms < 0 else 0

    service_clock.advance(10 + stands_ms / 1000)

    assert abs(ServiceClock.objects.get().s_ms - after - 10_000) <= STEP_CAP_MS
