"""The current store and this process's circuit breaker around it, made at first use."""

from __future__ import annotations

from functools import cache

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from uploads.conf import upload_settings
from uploads.stores.base import Store
from uploads.stores.breaker import CircuitBreaker


@cache
def store() -> Store:
    """The store named by ``UPLOADS["STORE"]``. Raises `ImportError` when there is no such class."""
    settings = upload_settings().store
    made: Store = import_string(settings.backend)(**settings.options)
    return made


@cache
def breaker() -> CircuitBreaker:
    """Return this process's circuit breaker around `store`."""
    return CircuitBreaker(store())


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"UPLOADS", "STORAGES", "CLOUDINARY"}:
        store.cache_clear()
        breaker.cache_clear()


setting_changed.connect(_forget)
