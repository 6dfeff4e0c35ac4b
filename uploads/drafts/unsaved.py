"""The work a user has not saved yet, as a list that a host shows to lead back to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone
from msgspec import Struct

from uploads.core import states
from uploads.core.service_time import Cause
from uploads.core.states import FileState
from uploads.drafts.form_state import has_changed_fields, has_changed_rows, has_text, noted
from uploads.grace import clock, rules
from uploads.grace.policy import grace_settings
from uploads.models import Draft, File, IdempotencyRecord, Socket
from uploads.permissions import Target
from uploads.stores.addresses import small_picture_url

Change = Literal["text", "variants", "order", "alt_texts", "removals"]


class UnsavedDraft(Struct, frozen=True, kw_only=True):
    """A live draft with changes.

    `images` counts those whose bytes are on the server, `unfinished` those still uploading, and `own_images` those that
    would be lost with it, including removed ones. `picture` is the URL of a thumbnail, or empty. `changes` names what
    else would be lost: see `changes_of`. `kept_until` is approximately when it expires if nobody returns; None while a
    tab has it open. `asked_until` is approximately when *Keep* ends; None if it was not requested or is over.
    """

    id: UUID
    target: Target
    fields: dict[str, list[str]]
    images: int
    unfinished: int
    own_images: int
    picture: str
    changes: tuple[Change, ...]
    open_elsewhere: bool
    kept_until: datetime | None
    asked_until: datetime | None


def unsaved(user: User, kind: str, just_left: Collection[UUID] = ()) -> list[UnsavedDraft]:
    """Return the user's live drafts of the `kind` that have changes, newest first.

    A page that was only opened does not count: it has no text and no image of its own, and nothing was moved, described
    or removed. `just_left` are drafts whose page the user has just left, so that their sockets may still be open.
    """
    drafts = list(Draft.objects.filter(owner=user, target_kind=kind, state__in=states.LIVE).order_by("-created_at"))
    files = _files_of(drafts)
    s_ms = clock.service_now() if drafts else 0
    s_began = timezone.now() - timedelta(milliseconds=s_ms)
    worked_on = _worked_on(drafts, files)
    _close_left([draft for draft in drafts if draft.pk in just_left], s_ms)
    return [_seen(draft, files[draft.pk], s_began, s_ms) for draft in drafts if draft.pk in worked_on]


def _close_left(left: Sequence[Draft], s_ms: int) -> None:
    """Give drafts that only the tab that left them has open the deadline they are about to get."""
    drafts = [draft for draft in left if draft.deadline_ms is None]
    if not drafts:
        return
    tabs = Counter(Socket.objects.filter(draft__in=drafts, closed_ms=None).values_list("draft", flat=True))
    n_ms = grace_settings().milliseconds(Cause.CLEAN)
    for draft in drafts:
        if tabs[draft.pk] <= 1:
            draft.deadline_ms = rules.apply_keep(s_ms + n_ms, draft.keep_until_ms)


def untouched(drafts: Iterable[Draft]) -> list[Draft]:
    """Return those of `drafts` that have no changes."""
    drafts = list(drafts)
    worked_on = _worked_on(drafts, _files_of(drafts))
    return [draft for draft in drafts if draft.pk not in worked_on]


def changes_of(draft: Draft, files: Iterable[File]) -> tuple[Change, ...]:
    """Return what would be lost with the draft besides images.

    For an edited product that is what differs from it; for a new one, what exists.
    """
    shown = [file for file in files if _counts(file)]
    found: dict[Change, bool] = {
        "text": has_changed_fields(draft),
        "variants": has_changed_rows(draft),
        "order": draft.reordered,
        "alt_texts": any(file.described for file in shown),
        "removals": any(file.source_id is not None and file.state == FileState.REMOVED for file in shown),
    }
    return tuple(change for change, is_there in found.items() if is_there)


def _files_of(drafts: Sequence[Draft]) -> dict[UUID, list[File]]:
    files: dict[UUID, list[File]] = defaultdict(list)
    # A draft has at most `max_files` of these; the rows of deleted ones are many more.
    shown = File.objects.filter(draft__in=drafts, state__in=states.VISIBLE).exclude(state=FileState.REJECTED)
    for file in shown.order_by("file_type", "variant_temp_id", "sequence"):
        files[file.draft_id].append(file)
    return files


def _worked_on(drafts: Sequence[Draft], files: dict[UUID, list[File]]) -> set[UUID]:
    # Distinct, because a draft that stays open has thousands.
    moved = set(IdempotencyRecord.objects.filter(draft__in=drafts).values_list("draft_id", flat=True).distinct())
    return {draft.pk for draft in drafts if draft.pk in moved or _has_own(files[draft.pk]) or has_text(draft)}


def _has_own(files: Iterable[File]) -> bool:
    """Whether a file was added, or one of the edited product's was described or removed."""
    return any(
        file.source_id is None or file.described or file.state == FileState.REMOVED for file in files if _counts(file)
    )


def _counts(file: File) -> bool:
    return file.state in states.VISIBLE and file.state != FileState.REJECTED


def _seen(draft: Draft, files: Sequence[File], s_began: datetime, s_ms: int) -> UnsavedDraft:
    listed = [file for file in files if _counts(file) and file.state != FileState.REMOVED]
    images = [file for file in listed if file.state != FileState.RECEIVING]
    picture = small_picture_url(images[0].source_id or images[0].pk) if images else ""
    is_asked = draft.keep_until_ms is not None and draft.keep_until_ms > s_ms
    return UnsavedDraft(
        id=draft.pk,
        target=Target(draft.target_kind, draft.target_id),
        fields=noted(draft),
        images=len(images),
        unfinished=len(listed) - len(images),
        own_images=sum(_counts(file) and file.source_id is None for file in files),
        picture=picture,
        changes=changes_of(draft, files),
        # Not by its sockets: those of a killed process stop being live before their draft has a deadline.
        open_elsewhere=draft.deadline_ms is None,
        kept_until=_at(s_began, draft.deadline_ms),
        asked_until=_at(s_began, draft.keep_until_ms) if is_asked else None,
    )


def _at(s_began: datetime, s_ms: int | None) -> datetime | None:
    return None if s_ms is None else s_began + timedelta(milliseconds=s_ms)
