"""The current store, its circuit breaker in this process (both made at first use), and its account's last answer."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from django.core.checks import CheckMessage
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from uploads.conf import upload_settings
from uploads.core import small_pictures
from uploads.models import StoreAccount
from uploads.stores.base import Account, Checks, Store, UsesAccount, keeps_small_pictures
from uploads.stores.breaker import CircuitBreaker


def current_store() -> Store:
    """Return the store named by ``UPLOADS["STORE"]``. Raises `ImportError` if there is no such class."""
    return _made()[0]


def small_widths() -> tuple[int, ...]:
    """Return the widths of the small pictures that are put into the current store; none if it scales images itself."""
    return small_pictures.WIDTHS if keeps_small_pictures(current_store()) else ()


def breaker() -> CircuitBreaker:
    """Return this process's circuit breaker around `current_store`."""
    return _made()[1]


def forget() -> None:
    """Recreate the store and its circuit breaker at their next use."""
    _make.cache_clear()


def _made() -> tuple[Store, CircuitBreaker]:
    # `cache` alone would let two threads create two circuit breakers, each counting half of the failures.
    with _making:
        return _make()


_making = threading.Lock()


@cache
def _make() -> tuple[Store, CircuitBreaker]:
    made: Store = _backend()(**upload_settings().store.options)
    if isinstance(made, UsesAccount):
        made.use_account(known_account)
    return made, CircuitBreaker(made)


def check() -> list[CheckMessage]:
    """Return what the store's class reports on its configuration. Raises what making the store raises."""
    backend = _backend()
    if isinstance(backend, Checks):
        return backend.check(**upload_settings().store.options)
    current_store()
    return []


def known_account() -> Account:
    """Return the last answer of the store's account, without a call; an empty `Account` before its first answer."""
    row = StoreAccount.objects.filter(pk=1).first()
    if row is None:
        return Account()
    return Account(max_file_bytes=row.max_file_bytes, max_pixels=row.max_pixels, dynamic_folders=row.dynamic_folders)


def _backend() -> Any:
    return import_string(upload_settings().store.backend)


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"UPLOADS", "STORAGES", "CLOUDINARY"}:
        forget()


setting_changed.connect(_forget)
