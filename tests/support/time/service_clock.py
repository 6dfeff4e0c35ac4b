"""Time for tests: a settable database clock, advanced as a heartbeat would tick it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
from django.db.models import F

from uploads.grace import clock
from uploads.models import ServiceClock
from uploads.presence import sockets

STEP_MS = 2_000
"""One tick in tests: the maximum that a tick may add to S."""


class FakeClock:
    """The database's wall clock, which stands still until a test moves it."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, seconds: float, *, alive: Iterable[UUID] = ()) -> int:
        """Advance service time with ticking heartbeats; the processes `alive` keep their leases. Return S."""
        alive = list(alive)
        left, s_ms = round(seconds * 1000), clock.service_now()
        while left > 0:
            step = min(left, STEP_MS)
            self.now_ms, left = self.now_ms + step, left - step
            s_ms = clock.tick()
            for process_id in alive:
                sockets.renew_lease(process_id)
        return s_ms

    def skip(self, seconds: float) -> None:
        """Advance service time like `advance`, but in one write, for tests in which no lease matters."""
        passed_ms = round(seconds * 1000)
        clock.tick()
        ServiceClock.objects.update(s_ms=F("s_ms") + passed_ms, last_ms=F("last_ms") + passed_ms)
        self.now_ms += passed_ms

    def outage(self, seconds: float) -> None:
        """Advance the wall clock while no process ticks."""
        self.now_ms += round(seconds * 1000)


@pytest.fixture
def service_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Service time under the test's control; nothing ticks by itself."""
    fake = FakeClock()
    monkeypatch.setattr(clock, "database_now_ms", fake)
    return fake
