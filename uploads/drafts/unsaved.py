"""The work a user has not saved yet, as a list: what a host shows to lead back to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone
from msgspec import Struct

from uploads.core import states
from uploads.core.states import FileState
from uploads.drafts.form_state import noted
from uploads.grace import clock
from uploads.models import Draft, File, Op
from uploads.permissions import Target
from uploads.stores.addresses import small_url


class UnsavedDraft(Struct, frozen=True, kw_only=True):
    """A live draft in which something was done.

    `images` counts those it would save; `picture` is the address of a small one of the first, or empty.
    `kept_until` is about when it expires if nobody comes back, None while a tab has it open.
    """

    id: UUID
    target: Target
    fields: dict[str, list[str]]
    images: int
    picture: str
    open_elsewhere: bool
    kept_until: datetime | None


def unsaved(user: User, kind: str) -> list[UnsavedDraft]:
    """The user's live drafts of the `kind` in which something was done, the newest first.

    A page that was only opened is none: it has neither text nor an image of its own, and nothing was moved, described
    or removed.
    """
    drafts = list(Draft.objects.filter(owner=user, target_kind=kind, state__in=states.LIVE).order_by("-made_at"))
    if not drafts:
        return []
    files: dict[UUID, list[File]] = defaultdict(list)
    for file in File.objects.filter(draft__in=drafts).order_by("file_type", "variant_temp_id", "sequence"):
        files[file.draft_id].append(file)
    # Distinct: a draft that is open for long has thousands.
    moved = set(Op.objects.filter(draft__in=drafts).values_list("draft_id", flat=True).distinct())
    s_began = timezone.now() - timedelta(milliseconds=clock.service_now())
    return [
        _seen(draft, files[draft.pk], s_began)
        for draft in drafts
        if draft.pk in moved or _has_own(files[draft.pk]) or _has_text(draft)
    ]


def _has_own(files: Iterable[File]) -> bool:
    """Whether somebody added a file, or described one of the edited product's or took it out."""
    return any(
        file.source_id is None or file.described or file.state == FileState.REMOVED for file in files if _counts(file)
    )


def _has_text(draft: Draft) -> bool:
    return any(value.strip() for values in noted(draft).values() for value in values)


def _counts(file: File) -> bool:
    return file.state in states.VISIBLE and file.state != FileState.REJECTED


def _seen(draft: Draft, files: Iterable[File], s_began: datetime) -> UnsavedDraft:
    images = [file for file in files if _counts(file) and file.state != FileState.REMOVED]
    shown = next((file for file in images if file.state != FileState.RECEIVING), None)
    return UnsavedDraft(
        id=draft.pk,
        target=Target(draft.target_kind, draft.target_id),
        fields=noted(draft),
        images=len(images),
        picture=small_url(shown.source_id or shown.pk) if shown else "",
        # Not by its sockets: those of a killed process are live no more before their draft has a deadline.
        open_elsewhere=draft.deadline_ms is None,
        kept_until=None if draft.deadline_ms is None else s_began + timedelta(milliseconds=draft.deadline_ms),
    )
