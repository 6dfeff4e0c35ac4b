"""Read the snapshot of a draft: rows of one consistent moment, as the values that every tab shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from uploads.core import states
from uploads.core.errors import CATALOGUE, Code
from uploads.core.snapshot import (
    DraftInfo,
    EditorInfo,
    FieldInfo,
    FileError,
    FileInfo,
    FileType,
    LimitsInfo,
    LiveState,
    OfferInfo,
    Snapshot,
    VariantRow,
    VisibleState,
)
from uploads.core.states import FileState
from uploads.drafts import presence_notes
from uploads.drafts.field_merge import Field, Offer
from uploads.drafts.form_state import display_name, kept_rows, with_labels
from uploads.drafts.unsaved import changes_of
from uploads.grace import clock
from uploads.grace.policy import grace_settings
from uploads.images import checker
from uploads.models import Draft, File
from uploads.presence import polling, sockets
from uploads.stores import account
from uploads.stores.addresses import snapshot_url

RECEIVED = states.VISIBLE - {FileState.RECEIVING, FileState.REJECTED}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

S = TypeVar("S", bound=Snapshot)


def read(draft_id: UUID, kind: type[S]) -> S | None:
    """Return the live draft as a `Snapshot` of that kind (a protocol may extend it); None once the draft has ended."""
    with transaction.atomic():
        # SQLite's IMMEDIATE and this row lock ensure that rows and revision belong to the same moment.
        draft = Draft.objects.select_for_update().filter(pk=draft_id, state__in=states.LIVE).first()
        if draft is None:
            return None
        rows = File.objects.filter(draft=draft, state__in=states.VISIBLE)
        files = list(rows.order_by("file_type", "variant_temp_id", "sequence"))
        s_ms = clock.service_now()
        tabs = sockets.tabs(draft.pk, s_ms)
        senders = set(tabs).union(polling.active(s_ms).filter(draft=draft).values_list("pk", flat=True))
    polled = polling.active(s_ms).values("draft")
    return kind(
        revision=draft.revision,
        draft=_draft(draft, files, s_ms),
        variants=[VariantRow(**row) for row in draft.variants],
        files=[_file(file, senders) for file in files],
        limits=limits(),
        # A tab that lost its server has two sockets for a while.
        sockets=len({tab or socket for socket, tab in tabs.items()}),
        editors=[_editor(other) for other in presence_notes.editing(draft, polled).select_related("owner")],
        fields={name: _field(field) for name, field in with_labels(draft).items()},
        removed_rows=kept_rows(draft),
    )


def limits() -> LimitsInfo:
    """Return the limits that are sent to a browser."""
    table = account.effective_limits()
    found: dict[str, Any] = {
        name: getattr(table, name) for name in LimitsInfo.__struct_fields__ if hasattr(table, name)
    }
    return LimitsInfo(**found, content_types=list(checker.content_types()))


def _draft(draft: Draft, files: Sequence[File], s_ms: int) -> DraftInfo:
    grace = grace_settings()
    is_kept = draft.keep_until_ms is not None and draft.keep_until_ms > s_ms
    s_began_ms = (datetime.now(UTC) - EPOCH) // timedelta(milliseconds=1) - s_ms
    return DraftInfo(
        id=draft.pk,
        state=cast(LiveState, draft.state),
        target=f"{draft.target_kind}:{draft.target_id}",
        grace_seconds=grace.seconds,
        grace_seconds_lost=grace.seconds_lost,
        kept_until=s_began_ms + draft.keep_until_ms if is_kept and draft.keep_until_ms else None,
        changes=list(changes_of(draft, files)),
    )


def _editor(draft: Draft) -> EditorInfo:
    idle = timezone.now() - (draft.active_at or draft.created_at)
    name = display_name(draft.owner) if draft.owner else ""
    return EditorInfo(name=name, idle_seconds=max(0, int(idle.total_seconds())))


def _field(field: Field) -> FieldInfo:
    return FieldInfo(
        values=list(field.values),
        revision=field.revision,
        author=field.author,
        name=field.name,
        offers=[_offer(offer) for offer in field.offers],
    )


def _offer(offer: Offer) -> OfferInfo:
    return OfferInfo(values=list(offer.values), author=offer.author, name=offer.name)


def _file(file: File, senders: set[UUID]) -> FileInfo:
    return FileInfo(
        file=file.pk,
        name=file.name,
        size=file.size,
        content_type=file.content_type,
        file_type=cast(FileType, file.file_type),
        variant_temp_id=file.variant_temp_id or None,
        sequence=file.sequence,
        state=cast(VisibleState, file.state),
        sending=file.state == FileState.RECEIVING and file.writer_id in senders,
        attached=file.source_id is not None,
        url=snapshot_url(file.source_id or file.pk) if file.state in RECEIVED else "",
        sha256=file.sha256,
        alt_text=file.alt_text,
        width=file.width,
        height=file.height,
        taken_at=(file.taken_at - EPOCH) // timedelta(milliseconds=1) if file.taken_at else None,
        error=_error(file),
    )


def _error(file: File) -> FileError | None:
    if file.state != FileState.REJECTED:
        return None
    code = Code(file.error_code)
    return FileError(code=code, message=file.error_message, retryable=CATALOGUE[code].retryable)
