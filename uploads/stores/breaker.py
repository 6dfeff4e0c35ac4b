"""This process's circuit breaker (`uploads.stores.breaker_rules`): whatever changes the store goes through here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.signals import setting_changed

from uploads.grace import clock
from uploads.stores.base import Store, StoreError
from uploads.stores.breaker_rules import FAILURES, Breaker, BreakerState
from uploads.stores.registry import store

logger = logging.getLogger("uploads.jobs.runner")

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
    except Exception as error:
        if isinstance(error, StoreError) and error.answered:
            _answered()
        else:
            _failed(error.wait_ms if isinstance(error, StoreError) else None)
        raise
    _answered()


def _failed(wait_ms: int | None) -> None:
    now_ms = clock.service_now()
    before = _breaker.failures
    after = _become(lambda breaker: breaker.failed(now_ms, wait_ms))
    if before < FAILURES <= after.failures:
        logger.error(
            "the store is left alone for %d s, after %d failures", (after.until_ms - now_ms) // 1000, before + 1
        )


def _answered() -> None:
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
    if setting in {"UPLOADS", "STORAGES", "CLOUDINARY"}:
        _become(lambda _: Breaker())


setting_changed.connect(_forget)
