"""Delete the orphans that `uploads.reconcile.scan` found, unless a safety rule stops the run.

Every orphan is classified again under its draft's lock and gets an ordinary destroy job. An orphan that no row
names first gets a row, in an ended draft of its own, so that it is deleted like every other file and no upload can take
its id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from msgspec import Struct

from uploads import event_log
from uploads.core.names import TEMP_ROOT
from uploads.core.states import DraftState, FileState
from uploads.drafts import lifecycle
from uploads.models import Draft, File
from uploads.reconcile import marker, rules
from uploads.reconcile.rules import Classification, ListedObject, Reason, Stop, Window
from uploads.reconcile.scan import ScanResult, expected_objects
from uploads.stores.base import StoreError
from uploads.stores.enqueue import destroy_jobs, enqueue


class Cleaned(Struct, frozen=True):
    """The number of images whose deletes were written, or why none were.

    `marked`: the store has a new generation marker; `trouble`: why it has not.
    """

    deletes: int = 0
    stop: Stop | None = None
    marked: bool = False
    trouble: str = ""


def stop_reason(scanned: ScanResult, *, trust: bool = False, confirmed: int = 0) -> Stop | None:
    """Return why nothing may be deleted, and raise an alarm; None if all orphans may be deleted.

    `trust`: the operator vouches that this database is current and complete. `confirmed`: the number of orphaned images
    that the operator expects.
    """
    orphans, lost = scanned.orphans, scanned.possibly_lost
    stop: Stop | None = None
    if not trust and rules.is_older_copy(scanned.marker, scanned.markers):
        stop = Stop.RESTORED
    elif not trust and lost:
        stop = Stop.UNNAMED
    elif rules.too_many(orphans, scanned.files, confirmed):
        stop = Stop.TOO_MANY
    if stop:
        event_log.alarm("reconcile_stopped", None, reason=stop, orphans=orphans, unnamed=lost, files=scanned.files)
    return stop


def clean(scanned: ScanResult, *, trust: bool = False, confirmed: int = 0) -> Cleaned:
    """Write deletes for the orphans and a new generation marker, unless there is a reason to stop."""
    if stop := stop_reason(scanned, trust=trust, confirmed=confirmed):
        return Cleaned(stop=stop)
    orphans = scanned.of(Classification.ORPHAN)
    nameless: dict[UUID, list[ListedObject]] = {}
    for one in orphans:
        if one.reason is Reason.NO_ROW and (file_id := rules.file_of(one.listed.key)):
            nameless.setdefault(file_id, []).append(one.listed)
    deleted = [
        one.listed.key for one in orphans if one.reason is not Reason.NO_ROW and _destroy(one.listed, scanned.window)
    ]
    # The delete of an image includes its small pictures, which need none of their own by then.
    deletes = rules.count_images([*deleted, *_adopt(nameless)])
    event_log.record("reconciled", None, orphans=scanned.orphans, deletes=deletes, dangling=len(scanned.dangling))
    if TEMP_ROOT in scanned.cut:
        # The part that was not listed may hold objects that no row names.
        return Cleaned(deletes)
    try:
        return Cleaned(deletes, marked=_mark(scanned))
    except StoreError as error:
        return Cleaned(deletes, trouble=str(error))


def _mark(scanned: ScanResult) -> bool:
    """Write the next marker and delete the earlier ones. False if another run was faster. Raises `StoreError`."""
    window = scanned.window
    marked = marker.write_next(scanned.marker, scanned.markers, window.now_ms)
    if marked:
        _adopt({one.token: [ListedObject(rules.marker_key(window.instance, one))] for one in scanned.markers})
    return marked


def _destroy(listed: ListedObject, window: Window) -> bool:
    """Write the delete of an object if its file still does not need it."""
    file_id = rules.file_of(listed.key)
    if file_id is None:
        return False
    with transaction.atomic():
        # Lock the draft first, as everywhere.
        Draft.objects.filter(files=file_id).select_for_update(of=("self",)).first()
        file = File.objects.filter(pk=file_id).first()
        if file is None:
            return False
        if (
            rules.classify(listed, expected_objects([file.pk]).get(file.pk), window).classification
            is not Classification.ORPHAN
        ):
            return False
        enqueue(destroy_jobs(file, listed.key))
    return True


@transaction.atomic
def _adopt(objects: Mapping[UUID, Sequence[ListedObject]]) -> list[str]:
    """Create a DELETING file for the objects of each id, unless it is taken by now; return the deleted keys."""
    if not objects:
        return []
    now = timezone.now()
    # The image before its small pictures, if it is there.
    images = {file_id: min(found, key=lambda one: len(one.key)) for file_id, found in objects.items()}
    draft = Draft.objects.create(
        state=DraftState.EXPIRING, end_reason="orphan", folder=TEMP_ROOT, created_at=now, ended_at=now
    )
    File.objects.bulk_create(
        [
            File(
                id=file_id,
                draft=draft,
                state=FileState.DELETING,
                name=listed.key.rpartition("/")[2],
                size=listed.size,
                sequence=0,
                store_key=listed.key,
            )
            for file_id, listed in images.items()
        ],
        ignore_conflicts=True,
    )
    adopted = [(file, one.key) for file in draft.files.all() for one in objects[file.pk]]
    enqueue([job for file, key in adopted for job in destroy_jobs(file, key)])
    lifecycle.close_when_empty(draft.pk)
    return [key for _, key in adopted]
