"""Change a file's row around a call of the store, under the lock of its draft."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from uploads import signals
from uploads.core import states
from uploads.core.states import FileEvent, FileState
from uploads.grace import clock
from uploads.models import Draft, File, StoreJob
from uploads.stores import retry
from uploads.stores.addresses import public_url
from uploads.stores.base import Promoted, Receipt
from uploads.stores.enqueue import enqueue
from uploads.transitions import advance, move

DELETED = (FileState.DELETING, FileState.DELETED)


def lock_draft(file: File) -> None:
    """Lock the draft of the file, as every change does first. Its revision stays: no tab shows this change."""
    Draft.objects.select_for_update().filter(pk=file.draft_id).first()


def announce(file: File, state: FileState) -> bool:
    """Record that an object may appear from now on, even if the answer is lost. False unless the file is in `state`.

    `file` keeps what was recorded before. The draft's lock lets a delete decided at this moment see the record.
    """
    with transaction.atomic():
        lock_draft(file)
        until_ms = clock.service_now() + retry.LATE_MS
        return bool(File.objects.filter(pk=file.pk, state=state).update(put_in_flight_until_ms=until_ms))


def advance_live(file: File, event: FileEvent, **facts: int | str | datetime | Receipt | None) -> bool:
    """Move the file of a live draft by `event`. False if the draft or the file has moved on meanwhile."""
    with transaction.atomic():
        live = Draft.objects.filter(pk=file.draft_id, state__in=states.LIVE)
        if live.select_for_update().first() is None:
            return False
        if not advance(file, event, **facts):
            # Nothing changed, and a new revision would make every tab fetch a snapshot.
            return False
        live.update(revision=F("revision") + 1)
        signals.tell_tabs(file.draft_id)
    return True


def relocate(file: File, promoted: Promoted) -> bool:
    """Record the permanent key of the file's object and announce its URL. False if the file is not linked."""
    facts = {"store_key": promoted.key, "receipt": promoted.receipt, "has_small_pictures": file.has_small_pictures}
    moved = move(File.objects.filter(pk=file.pk), FileEvent.PROMOTED, **facts)
    if moved:
        signals.file_promoted.send(None, file=file.pk, url=public_url(file, promoted.key, promoted.receipt))
    return bool(moved)


def destroy_if_unwanted(file: File, key: str) -> None:
    """Delete the object again if its file was deleted while it was being written, perhaps after that delete ran.

    Only then: another runner of the same job may have made this very object the permanent one.
    """
    if File.objects.filter(pk=file.pk, state__in=DELETED).exists():
        again = StoreJob(kind=StoreJob.Kind.DESTROY, file=file, key=key, not_before_ms=clock.service_now())
        enqueue([again])
