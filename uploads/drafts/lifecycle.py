"""The lifecycle of drafts: opening, locking for a change, and ending them.

Every change of a draft or of its files happens in `changing`: one transaction whose first statement is a conditional
UPDATE of the draft row. Its row count says who won a race. The row stays locked until the transaction ends (SQLite: the
whole database, by ``BEGIN IMMEDIATE``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from uploads import event_log
from uploads.conf import upload_settings
from uploads.core import names, states
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import Cause
from uploads.core.states import DraftEvent, DraftState, FileEvent, FileState
from uploads.drafts import presence_notes
from uploads.drafts.idempotency import record, recorded_revision
from uploads.grace import clock
from uploads.grace.policy import grace_settings
from uploads.models import Draft, File, IdempotencyRecord, StoreJob
from uploads.permissions import Target
from uploads.signals import announce_end, tell_tabs
from uploads.stores.enqueue import destroy_jobs, enqueue
from uploads.transitions import IllegalMove, advance_locked, move

DISCARDED = "discard"
TARGET_DELETED = "deleted"
DELIBERATE = frozenset({DISCARDED, TARGET_DELETED})
"""The end reasons of drafts that somebody ended deliberately; the others expired."""


class AlreadyCommitted(Refusal):
    """The draft has been saved; `url` is the product's page."""

    def __init__(self, url: str) -> None:
        super().__init__(Code.DRAFT_ENDED, "This product was already saved.")
        self.url = url


class DraftGone(Refusal):
    """The draft expired or was discarded; `names` are those of the images deleted with it."""

    def __init__(self, names: Sequence[str], *, discarded: bool) -> None:
        super().__init__(Code.DRAFT_ENDED if discarded else Code.DRAFT_EXPIRED)
        self.names = tuple(names)


def refusal(draft_id: UUID, user: User) -> Refusal:
    """Return why `user` cannot change the draft; a missing and a foreign draft get the same answer."""
    draft = Draft.objects.filter(pk=draft_id, owner=user).select_related("commit_record").first()
    if draft is None:
        return Refusal(Code.DRAFT_NOT_FOUND)
    if draft.state == DraftState.COMMITTED:
        return AlreadyCommitted(draft.commit_record.url)
    return DraftGone(draft.lost_names, discarded=draft.end_reason in DELIBERATE)


@contextmanager
def changing(draft_id: UUID, user: User, *, use: bool = True) -> Iterator[Draft]:
    """Change a live draft of `user` in one transaction: lock its row, increment its revision, then notify the tabs.

    With `use=False` the change does not count as activity of the user (`uploads.expiry.idle`). Raises `Refusal`
    (``draft_not_found``, `AlreadyCommitted`, `DraftGone`).
    """
    with transaction.atomic():
        live = Draft.objects.filter(pk=draft_id, owner=user, state__in=states.LIVE)
        touched = {"touched": True, "active_at": timezone.now()} if use else {}
        if not live.update(revision=F("revision") + 1, **touched):
            raise refusal(draft_id, user)
        tell_tabs(draft_id)
        draft = Draft.objects.get(pk=draft_id)
        if use:
            presence_notes.worked(draft)
        yield draft


@contextmanager
def opening(user: User) -> Iterator[None]:
    """Hold a transaction in which nobody else opens a draft for `user`: concurrent page loads share one draft."""
    with transaction.atomic():
        get_user_model()._default_manager.select_for_update().get(pk=user.pk)
        yield


def open_new(user: User, target: Target, variants: Sequence[tuple[str, str]] = ()) -> Draft:
    """Create a draft, in grace until its first socket. Call in `opening`.

    Raises `Refusal` (``too_many_drafts``, ``too_fast``).
    """
    with transaction.atomic():
        limits, created_at = upload_settings().limits, timezone.now()
        mine = Draft.objects.filter(owner=user)
        if mine.filter(state__in=states.LIVE).count() >= limits.max_drafts:
            raise Refusal(Code.TOO_MANY_DRAFTS)
        # Rows of ended drafts are kept for a month.
        if mine.filter(created_at__gt=created_at - timedelta(hours=1)).count() >= limits.max_new_drafts:
            raise Refusal(Code.TOO_FAST, "You started too many new products in the last hour. Try again later.")
        draft = Draft.objects.create(
            id=uuid4(),
            owner=user,
            target_kind=target.kind,
            target_id=target.id,
            deadline_ms=clock.service_now() + grace_settings().milliseconds(Cause.REQUEST),
            grace_since_ms=clock.service_now(),
            folder=names.temp_folder(user.get_username(), created_at),
            variants=[{"temp_id": temp_id, "label": label} for temp_id, label in variants],
            created_at=created_at,
        )
    event_log.record("draft_opened", draft.pk, user=user.pk, target=f"{target.kind}:{target.id}")
    return draft


def renew(draft_id: UUID) -> None:
    """Extend the deadline of a draft without a socket to max(N, 180 s) from now, because an HTTP request used it."""
    deadline = clock.service_now() + grace_settings().request_milliseconds()
    Draft.objects.filter(pk=draft_id, state=DraftState.GRACE, deadline_ms__lt=deadline).update(deadline_ms=deadline)


def discard(draft_id: UUID, user: User, op: str = "") -> list[UUID]:
    """Discard a live draft of `user` now; return the files to delete.

    `op` is the command of the protocol that asked, recorded for `discarded`. Raises `Refusal` (``draft_not_found``,
    `AlreadyCommitted`, `DraftGone`).
    """
    with changing(draft_id, user) as draft:
        if op and recorded_revision(draft, op) is None:
            record(draft, op)
        return end(draft, DraftEvent.DISCARD, reason="discard", by=user.get_username())


def discarded(draft_id: UUID, user: User, op: str) -> int | None:
    """Return the revision at which the command `op` discarded the draft; None if it did not."""
    first = IdempotencyRecord.objects.filter(draft=draft_id, draft__owner=user, draft__end_reason=DISCARDED, op=op)
    return first.values_list("revision", flat=True).first()


def end(draft: Draft, event: DraftEvent, *, reason: str, by: str = "") -> list[UUID]:
    """Move a locked live draft to EXPIRING and write the destroy jobs of its files; return those files.

    Attached files are references: their rows are deleted and the product keeps the files.
    """
    draft.files.exclude(source=None).delete()
    to_delete = list(draft.files.exclude(state__in=[FileState.DELETING, FileState.DELETED]))
    destroy(to_delete)
    in_order = sorted((file for file in to_delete if file.state in states.LISTED), key=lambda file: file.position)
    advance_locked(
        draft,
        event,
        lost_names=[file.name for file in in_order],
        end_reason=reason,
        ended_by=by,
        ended_at=timezone.now(),
        deadline_ms=None,
    )
    close_when_empty(draft.pk)
    ended = "discarded" if event is DraftEvent.DISCARD else "expired"
    event_log.record(f"draft_{ended}", draft.pk, cause=_cause(draft, reason), files=len(to_delete), by=by)
    announce_end(draft.pk)
    return [file.pk for file in to_delete]


def _cause(draft: Draft, reason: str) -> str:
    return draft.grace_cause if reason == "grace" else reason


def destroy(files: Sequence[File], event: FileEvent = FileEvent.DELETE) -> None:
    """Decide in the caller's transaction that the objects of `files` are deleted; store jobs delete them afterwards."""
    to_delete = [file.pk for file in files]
    if move(File.objects.filter(pk__in=to_delete), event, writer=None) != len(to_delete):
        raise IllegalMove(f"{event} is not possible for each of {to_delete}")
    # A put that waits for its next attempt would delay the delete for no benefit.
    StoreJob.objects.filter(file__in=to_delete, kind=StoreJob.Kind.PUT, acquired_by=None).delete()
    enqueue([job for file in files for job in destroy_jobs(file, file.store_key)])


def close_when_empty(draft_id: UUID) -> bool:
    """Move EXPIRING to EXPIRED once all bytes are deleted; return whether that happened now."""
    if File.objects.filter(draft=draft_id).exclude(state=FileState.DELETED).exists():
        return False
    return bool(move(Draft.objects.filter(pk=draft_id), DraftEvent.BYTES_GONE))


def newest(user: User, target: Target) -> Draft | None:
    """Return the newest live draft of `user` for `target`."""
    mine = Draft.objects.filter(owner=user, target_kind=target.kind, target_id=target.id, state__in=states.LIVE)
    return mine.order_by("-created_at").first()
