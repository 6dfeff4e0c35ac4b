"""Time for tests: a settable database clock behind the one port, advanced as a heartbeat would tick it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
from django.db.models import F

from uploads.grace import clock
from uploads.models import ServiceClock
from uploads.presence import sockets

STEP_MS = 2_000
"""One tick in tests: the most that a tick may add to S."""


class FakeClock:
    """The database's wall clock, standing still until a test moves it."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, seconds: float, *, alive: Iterable[UUID] = ()) -> int:
        """Let service time pass with a heartbeat that ticks; the processes `alive` keep their leases. Returns S."""
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
        """Let service time pass as `advance` does, in one write: for when nobody's lease matters."""
        passed_ms = round(seconds * 1000)
        clock.tick()
        ServiceClock.objects.update(s_ms=F("s_ms") + passed_ms, last_ms=F("last_ms") + passed_ms)
        self.now_ms += passed_ms

    def outage(self, seconds: float) -> None:
        """Let the wall clock run while nobody ticks."""
        self.now_ms += round(seconds * 1000)


@pytest.fixture
def service_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Service time under the test's control. Nothing ticks unless the test says so."""
    fake = FakeClock()
    monkeypatch.setattr(clock, "database_now_ms", fake)
    return fake
