"""The generation marker in the store, by which an older copy of the database is recognised (`rules`)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection
from io import BytesIO
from uuid import uuid4

from uploads.conf import upload_settings
from uploads.models import StoreGeneration
from uploads.reconcile.rules import GenerationMarker, marker_key
from uploads.stores.registry import breaker

# The smallest possible image, because some stores accept nothing else.
_CONTENT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def read() -> tuple[GenerationMarker | None, int | None]:
    """Return the marker this database wrote last, and when (ms, the database's clock)."""
    row = StoreGeneration.objects.filter(pk=1).exclude(token=None).first()
    return (GenerationMarker(row.generation, row.token), row.written_ms) if row and row.token else (None, None)


def write_next(own: GenerationMarker | None, seen: Collection[GenerationMarker], now_ms: int) -> bool:
    """Write the marker that follows `own` and those `seen` in the store. False if another run was faster.

    The database records it first, so that a marker that could not be put makes the database look newer, never older.
    Raises `StoreError`.
    """
    StoreGeneration.objects.get_or_create(pk=1)
    following = GenerationMarker(max([one.counter for one in seen] + [own.counter if own else 0]) + 1, uuid4())
    before = StoreGeneration.objects.filter(pk=1, token=own.token if own else None)
    if not before.update(generation=following.counter, token=following.token, written_ms=now_ms):
        return False
    with breaker().watched() as store:
        store.put(marker_key(upload_settings().instance, following), BytesIO(_CONTENT), "image/png")
    return True
