"""Delete the orphans that `uploads.reconcile.scan` found, unless a safety rule stops it.

Every orphan is judged again under its draft's lock and gets an ordinary destroy job. One that no row names is first
given a row, in a draft of its own that is over: so it goes the way every file goes, and no upload can take its id.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from uploads.reconcile.rules import Found, Stop, Verdict, Why, Window
from uploads.reconcile.scan import Examined, known_files
from uploads.stores.base import StoreError
from uploads.stores.enqueue import destroy_jobs, enqueue


class Cleaned(Struct, frozen=True):
    """How many deletes were written, or why none; `marked`: the store has a new mark; `trouble`: why it has none."""

    deletes: int = 0
    stop: Stop | None = None
    marked: bool = False
    trouble: str = ""


def why_stop(examined: Examined, *, trust: bool = False, confirmed: int = 0) -> Stop | None:
    """Why nothing may be deleted, alarmed; None when all orphans may.

    `trust`: the operator says that this database is the one that counts, and whole. `confirmed`: so many orphans are
    meant.
    """
    orphans, forgotten = len(examined.of(Verdict.ORPHAN)), examined.forgotten
    stop: Stop | None = None
    if not trust and rules.restored(examined.mark, examined.marks):
        stop = Stop.RESTORED
    elif not trust and forgotten:
        stop = Stop.UNNAMED
    elif rules.too_many(orphans, examined.files, confirmed):
        stop = Stop.TOO_MANY
    if stop:
        event_log.alarm(
            "reconcile_stopped", None, reason=stop, orphans=orphans, unnamed=forgotten, files=examined.files
        )
    return stop


def clean(examined: Examined, *, trust: bool = False, confirmed: int = 0) -> Cleaned:
    """Write the deletes of the orphans, and mark the store, unless there is a reason to stop."""
    if stop := why_stop(examined, trust=trust, confirmed=confirmed):
        return Cleaned(stop=stop)
    orphans = examined.of(Verdict.ORPHAN)
    nameless = {rules.file_of(one.found.key): one.found for one in orphans if one.why is Why.NO_ROW}
    deletes = sum(_destroy(one.found, examined.window) for one in orphans if one.why is not Why.NO_ROW)
    deletes += _adopt({file_id: found for file_id, found in nameless.items() if file_id})
    event_log.record("reconciled", None, orphans=len(orphans), deletes=deletes, dangling=len(examined.dangling))
    if TEMP_ROOT in examined.cut:
        # Something that no row names may lie where nobody has looked.
        return Cleaned(deletes)
    try:
        return Cleaned(deletes, marked=_mark(examined))
    except StoreError as error:
        return Cleaned(deletes, trouble=str(error))


def _mark(examined: Examined) -> bool:
    """Set the next mark and let the earlier ones go; False when another run was faster. Raises `StoreError`."""
    window = examined.window
    marked = marker.advance(examined.mark, examined.marks, window.now_ms)
    if marked:
        _adopt({mark.token: Found(rules.mark_key(window.instance, mark)) for mark in examined.marks})
    return marked


def _destroy(found: Found, window: Window) -> bool:
    """Write the delete of an object that its file does not want, if that is still so."""
    file_id = rules.file_of(found.key)
    if file_id is None:
        return False
    with transaction.atomic():
        # As everybody does, the draft first.
        Draft.objects.filter(files=file_id).select_for_update(of=("self",)).first()
        file = File.objects.filter(pk=file_id).first()
        if file is None:
            return False
        if rules.judge(found, known_files([file.pk]).get(file.pk), window).verdict is not Verdict.ORPHAN:
            return False
        enqueue(destroy_jobs(file, found.key))
    return True


@transaction.atomic
def _adopt(objects: Mapping[UUID, Found]) -> int:
    """Give each object a file that is being deleted, unless somebody else has its id by now; return how many."""
    if not objects:
        return 0
    now = timezone.now()
    draft = Draft.objects.create(
        state=DraftState.EXPIRING, end_reason="orphan", folder=TEMP_ROOT, made_at=now, ended_at=now
    )
    File.objects.bulk_create(
        [
            File(
                id=file_id,
                draft=draft,
                state=FileState.DELETING,
                name=found.key.rpartition("/")[2],
                size=found.size,
                sequence=0,
                store_key=found.key,
            )
            for file_id, found in objects.items()
        ],
        ignore_conflicts=True,
    )
    adopted = list(draft.files.all())
    enqueue([job for file in adopted for job in destroy_jobs(file, file.store_key)])
    lifecycle.close_when_empty(draft.pk)
    return len(adopted)
