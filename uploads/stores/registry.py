"""The store in force."""

from __future__ import annotations

from functools import cache

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from uploads.conf import upload_settings
from uploads.stores.base import Store


@cache
def store() -> Store:
    """The store named by ``UPLOADS["STORE"]``. Raises `ImportError` when there is no such class."""
    settings = upload_settings().store
    made: Store = import_string(settings.backend)(**settings.options)
    return made


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"UPLOADS", "STORAGES", "CLOUDINARY"}:
        store.cache_clear()


setting_changed.connect(_forget)
