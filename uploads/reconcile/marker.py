"""The mark of this database in the store: an older copy of the database is known by it (`uploads.reconcile.rules`)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection
from io import BytesIO
from uuid import uuid4

from uploads.conf import upload_settings
from uploads.models import StoreMark
from uploads.reconcile.rules import Mark, mark_key
from uploads.stores.registry import breaker

# The smallest picture there is: some stores take nothing else.
_CONTENT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def read() -> tuple[Mark | None, int | None]:
    """The mark this database has set last, and when (ms, the database's clock)."""
    row = StoreMark.objects.filter(pk=1).exclude(token=None).first()
    return (Mark(row.counter, row.token), row.made_ms) if row and row.token else (None, None)


def advance(own: Mark | None, seen: Collection[Mark], now_ms: int) -> bool:
    """Set the next mark after `own` and those `seen` in the store; False when another run was faster.

    The database knows it first: a mark that could not be put makes the database look newer, never older.
    Raises `StoreError`.
    """
    StoreMark.objects.get_or_create(pk=1)
    mark = Mark(max([one.counter for one in seen] + [own.counter if own else 0]) + 1, uuid4())
    before = StoreMark.objects.filter(pk=1, token=own.token if own else None)
    if not before.update(counter=mark.counter, token=mark.token, made_ms=now_ms):
        return False
    with breaker().watched() as store:
        store.put(mark_key(upload_settings().instance, mark), BytesIO(_CONTENT), "image/png")
    return True
