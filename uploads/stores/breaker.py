"""A process's circuit breaker around its store; every call that changes the store goes through it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from uploads.grace import clock
from uploads.stores.base import Store, StoreError
from uploads.stores.breaker_rules import FAILURES, Breaker, BreakerState

logger = logging.getLogger("uploads.jobs")


class CircuitBreaker:
    """Counts consecutive failures of the store (`breaker_rules`). Thread-safe; one per process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._state = Breaker()

    def is_open(self) -> bool:
        """Whether the store is known to be down, so that no job may begin."""
        # Reading the clock costs a query, which only matters after a failure.
        return bool(self._state.failures) and self._state.state(clock.service_now()) is BreakerState.OPEN

    def begin(self) -> None:
        """Record that a job has begun; for a half-open breaker it is the probe."""
        if self._state.failures:
            now_ms = clock.service_now()
            self._become(lambda state: state.begun(now_ms))

    @contextmanager
    def watched(self) -> Iterator[Store]:
        """Yield the store for one call, whose outcome opens or closes the breaker."""
        try:
            yield self._store
        except Exception as error:
            if isinstance(error, StoreError) and error.answered:
                self._answered()
            else:
                self._failed(error.wait_ms if isinstance(error, StoreError) else None)
            raise
        self._answered()

    def _failed(self, wait_ms: int | None) -> None:
        now_ms = clock.service_now()
        before = self._state.failures
        after = self._become(lambda state: state.failed(now_ms, wait_ms))
        if before < FAILURES <= after.failures:
            logger.error(
                "the store is left alone for %d s, after %d failures", (after.until_ms - now_ms) // 1000, before + 1
            )

    def _answered(self) -> None:
        if self._state.failures:
            if self._state.failures >= FAILURES:
                logger.warning("the store answers again")
            self._become(lambda state: state.answered())

    def _become(self, change: Callable[[Breaker], Breaker]) -> Breaker:
        with self._lock:
            self._state = change(self._state)
            return self._state
