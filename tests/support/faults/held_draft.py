"""A draft that another connection is changing, for as long as a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from uploads.models import Draft


@contextmanager
def held_draft(draft: UUID) -> Iterator[None]:
    """Lock the draft in another connection; this thread's connection waits for it only briefly."""
    held, done = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Draft.objects.filter(pk=draft).update(revision=F("revision") + 1)
                held.set()
                done.wait(30)
        finally:
            connection.close()

    patience = "PRAGMA busy_timeout = 100" if connection.vendor == "sqlite" else "SET lock_timeout = '100ms'"
    with ThreadPoolExecutor(1) as other, connection.cursor() as cursor:
        other.submit(hold)
        try:
            assert held.wait(30)
            cursor.execute(patience)
            yield
        finally:
            done.set()
            connection.close()
