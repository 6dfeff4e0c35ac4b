"""The current store, its circuit breaker in this process (both made at first use), and its account's last answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.checks import CheckMessage
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from uploads.conf import upload_settings
from uploads.models import StoreAccount
from uploads.stores.base import Account, Checks, HasAccount, Store
from uploads.stores.breaker import CircuitBreaker


@cache
def store() -> Store:
    """The store named by ``UPLOADS["STORE"]``. Raises `ImportError` when there is no such class."""
    made: Store = _backend()(**upload_settings().store.options)
    if isinstance(made, HasAccount):
        made.known_account = known_account
    return made


@cache
def breaker() -> CircuitBreaker:
    """Return this process's circuit breaker around `store`."""
    return CircuitBreaker(store())


def check() -> list[CheckMessage]:
    """Return what the store's class reports on its configuration. Raises what making the store raises."""
    backend = _backend()
    if isinstance(backend, Checks):
        return backend.check(**upload_settings().store.options)
    store()
    return []


def known_account() -> Account:
    """Return what the store's account answered last, without a call; an empty `Account` before its first answer."""
    row = StoreAccount.objects.filter(pk=1).first()
    if row is None:
        return Account()
    return Account(max_file_bytes=row.max_file_bytes, max_pixels=row.max_pixels, dynamic_folders=row.dynamic_folders)


def _backend() -> Any:
    return import_string(upload_settings().store.backend)


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"UPLOADS", "STORAGES", "CLOUDINARY"}:
        store.cache_clear()
        breaker.cache_clear()


setting_changed.connect(_forget)
