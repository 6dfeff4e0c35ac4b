"""This process's circuit breaker (`uploads.core.breaker`): whatever changes the store goes through here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.signals import setting_changed

from uploads import clock
from uploads.core.breaker import FAILURES, PAUSE_MS, Breaker, BreakerState
from uploads.stores.base import Store
from uploads.stores.registry import store

logger = logging.getLogger("uploads.jobs")

_lock = threading.Lock()
_breaker = Breaker()


def is_open() -> bool:
    """Whether the store is known to be down and left alone for now."""
    # The clock is a query; a breaker without a failure needs none.
    return bool(_breaker.failures) and _breaker.state(clock.service_now()) is BreakerState.OPEN


def begin() -> None:
    """A job was begun; of a half open breaker it is the one probe."""
    if _breaker.failures:
        now_ms = clock.service_now()
        _become(lambda breaker: breaker.begun(now_ms))


@contextmanager
def watched() -> Iterator[Store]:
    """The store, for one call; whether it answers opens or closes the breaker."""
    try:
        yield store()
    except Exception:
        now_ms = clock.service_now()
        if _become(lambda breaker: breaker.failed(now_ms)).failures == FAILURES:
            logger.error("the store failed %d times in a row; it is asked again every %d s", FAILURES, PAUSE_MS // 1000)
        raise
    if _breaker.failures:
        if _breaker.failures >= FAILURES:
            logger.warning("the store answers again")
        _become(lambda breaker: breaker.answered())


def _become(change: Callable[[Breaker], Breaker]) -> Breaker:
    global _breaker
    with _lock:
        _breaker = change(_breaker)
        return _breaker


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"UPLOADS", "STORAGES"}:
        _become(lambda _: Breaker())


setting_changed.connect(_forget)
