"""The public interface of `uploads` for a host: open a draft, save it, release files. Everything else is internal.

A host calls `open_draft` in the GET of its form page, `committing` in the POST, and `release` where it deletes a
product, and receives `file_promoted` to learn a file's permanent URL (``docs/integration.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from msgspec import Struct

from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.file_types import EXTENSIONS
from uploads.core.limits import CONTENT_TYPES, NEEDS_PREVIEW, Size
from uploads.core.states import FileState
from uploads.drafts import form_state, keeping, kept_text, lifecycle, removed_rows
from uploads.drafts import unsaved as unsaved_drafts
from uploads.drafts.colleagues import editors, target_deleted
from uploads.drafts.commit import Commit, FilesUnfinished, Meanwhile, attach, committing, release
from uploads.drafts.kept_text import KeptText, kept_texts
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.drafts.merge import Linked, Plan, PlannedFile
from uploads.drafts.two_people import FieldMerge
from uploads.drafts.unsaved import UnsavedDraft, unsaved
from uploads.files import http_upload
from uploads.files.file_parts import FileParts
from uploads.files.http_upload import AcceptedFile
from uploads.files.x_accel import x_accel_location
from uploads.grace import clock
from uploads.images import checker
from uploads.jobs import runner
from uploads.models import Draft, File
from uploads.permissions import Target
from uploads.presence import polling, sockets
from uploads.signals import file_promoted
from uploads.stores import account
from uploads.stores.addresses import SmallPictures, file_url, small_picture_url, small_picture_urls
from uploads.translations import localized_message, localized_value

__all__ = [
    "AcceptedFile",
    "AlreadyCommitted",
    "CleanupResult",
    "Code",
    "Commit",
    "DraftGone",
    "DraftImage",
    "DraftView",
    "FieldMerge",
    "FileParts",
    "FilesUnfinished",
    "KeptText",
    "Linked",
    "Meanwhile",
    "Plan",
    "PlannedFile",
    "Refusal",
    "SmallPictures",
    "Target",
    "UnsavedDraft",
    "UploadLimits",
    "accept_upload",
    "cleanup",
    "committing",
    "content_type_of",
    "discard",
    "editors",
    "erase_text",
    "file_promoted",
    "file_url",
    "find_draft",
    "find_text",
    "keep",
    "keep_hours",
    "kept_texts",
    "live_drafts",
    "localized_message",
    "max_variants",
    "open_draft",
    "release",
    "restore_text",
    "small_picture_urls",
    "target_deleted",
    "text_kept_days",
    "unsaved",
    "upload_limits",
    "x_accel_location",
]

CLEANUP_SECONDS = 5
"""How many seconds `cleanup` waits for the store before it leaves the rest to the jobs."""


class DraftImage(Struct, frozen=True):
    """An image of a draft; `url` is that of a thumbnail, empty until its bytes have arrived."""

    name: str
    url: str


class DraftView(Struct, frozen=True, kw_only=True):
    """A live draft, with everything a page needs."""

    id: UUID
    target: Target
    fields: dict[str, list[str]]
    """The typed text: field name to values, as in `FormData`."""
    opened_with: dict[str, list[str]]
    """The text of the target when the draft was opened, as far as the host supplied it."""
    revision: int
    """The value of the form field ``form_revision``: what the page shows, for `Commit.merge_fields`."""
    variants: list[tuple[str, str]]
    """The variant rows: (temporary id, label) in order."""
    open_elsewhere: bool
    """Whether a tab has it open now."""
    images: list[DraftImage]
    """The images a save would keep, list by list in order."""


class UploadLimits(Struct, frozen=True):
    """The accepted content types, and the maximum size of a file: ``20 MB``."""

    content_types: tuple[str, ...]
    accept: str
    """The accepted types as the attribute ``accept``, with the extensions of types that not every system knows."""
    max_file_size: str


class CleanupResult(Struct, frozen=True):
    """The result of `cleanup`: files irrevocably removed from their drafts, and names of those still in the store."""

    deleted: int
    errors: list[str]


def content_type_of(object_name: str) -> str:
    """Return the content type of a stored object by its extension; empty if it is none of ours.

    It does not use Python's `mimetypes`, which follows the machine's own table and knows SVG.
    """
    return next((one for one, extension in CONTENT_TYPES.items() if object_name.endswith(extension)), "")


def open_draft(
    user: User,
    target: Target,
    *,
    fresh: bool = False,
    attached: Callable[[], Sequence[PlannedFile]] | None = None,
    variants: Sequence[tuple[str, str]] = (),
    values: Mapping[str, Sequence[str]] | None = None,
    instead_of: UUID | None = None,
) -> DraftView:
    """Return the live draft of `user` for the edited `target`, or otherwise (or if `fresh`) a new one.

    For a new product, an untouched draft that no tab has open is reused, but never one with changes, which `unsaved`
    lists. `attached` returns the edited product's files, which are attached once, when the draft is created, together
    with its variant rows. `values` is the text its form shows now; an existing draft learns it too. A new draft opened
    `instead_of` an ended one takes over that one's kept text and rows; only a browser can restore the images. Raises
    `Refusal` (``too_many_drafts``, ``too_fast``).
    """
    with lifecycle.opening(user):
        draft = kept_text.restored(user, instead_of) or (None if fresh else _opened_again(user, target))
        if draft is None:
            draft = lifecycle.open_new(user, target, variants)
            if attached is not None:
                attach(draft, attached())
            if instead_of is not None:
                kept_text.move(instead_of, draft, variants)
    if values is not None:
        _tell(draft.pk, user, values)
    lifecycle.renew(draft.pk)
    draft.refresh_from_db()
    return view(draft)


def _tell(draft_id: UUID, user: User, values: Mapping[str, Sequence[str]]) -> None:
    """Record what the target holds now in a draft that does not know it yet."""
    told = {name: tuple(texts) for name, texts in values.items()}
    state = form_state.form_state(Draft.objects.get(pk=draft_id))
    is_known = all(name in state.known and state.known[name][-1].values == texts for name, texts in told.items())
    if is_known and not removed_rows.newly_removed(state, told):
        return
    with lifecycle.changing(draft_id, user, use=False) as draft:
        form_state.learn(draft, told)
        removed_rows.follow(draft, told)


def _opened_again(user: User, target: Target) -> Draft | None:
    """Find the user's draft of an edited product; for a new one, an unchanged draft that no tab has open."""
    if target.id:
        return lifecycle.newest(user, target)
    live = Draft.objects.filter(owner=user, target_kind=target.kind, target_id="", state__in=states.LIVE)
    s_ms = clock.service_now()
    here = sockets.live_sockets(s_ms) | polling.active(s_ms)
    free = unsaved_drafts.untouched(live.exclude(pk__in=here.values("draft")).order_by("-created_at"))
    return free[0] if free else None


def restore_text(
    user: User,
    draft_id: UUID,
    target: Target,
    *,
    attached: Callable[[], Sequence[PlannedFile]] | None = None,
    variants: Sequence[tuple[str, str]] = (),
    values: Mapping[str, Sequence[str]] | None = None,
) -> DraftView:
    """Return a new draft of `target` with the kept text of `draft_id`; a repeated call returns the same draft.

    `target` is that of the text, or a new product if the edited one no longer exists. `attached`, `variants` and
    `values` are those of the edited product now, as for `open_draft`. Raises `Refusal`: ``text_gone`` if there is none
    (any more), ``too_many_drafts``, and ``already_editing`` while another draft of the edited product has changes.
    """
    with lifecycle.opening(user):
        draft = kept_text.restored(user, draft_id) or _restored_now(user, draft_id, target, attached, variants)
    if values is not None:
        _tell(draft.pk, user, values)
    lifecycle.renew(draft.pk)
    draft.refresh_from_db()
    return view(draft)


def _restored_now(
    user: User,
    draft_id: UUID,
    target: Target,
    attached: Callable[[], Sequence[PlannedFile]] | None,
    variants: Sequence[tuple[str, str]],
) -> Draft:
    if kept_text.find(user, draft_id) is None:
        raise Refusal(Code.TEXT_GONE)
    draft = lifecycle.newest(user, target) if target.id else None
    if draft is None:
        draft = lifecycle.open_new(user, target, variants)
        if attached is not None:
            attach(draft, attached())
    elif not unsaved_drafts.untouched([draft]):
        raise Refusal(Code.ALREADY_EDITING)
    # A change like any other, so that a tab that has the untouched draft open shows the text.
    with lifecycle.changing(draft.pk, user) as locked:
        if not kept_text.move(draft_id, locked, variants):
            raise Refusal(Code.TEXT_GONE)
    return locked


def find_draft(
    user: User,
    draft_id: UUID,
    target: Target,
    *,
    renew: bool = True,
    values: Mapping[str, Sequence[str]] | None = None,
) -> DraftView:
    """Return the live draft `draft_id` of `user` for `target`, and renew its deadline.

    `values` is the text of the target as the page shows it now. With `renew=False` the draft is only read, without
    waiting for a concurrent change. Raises `AlreadyCommitted`, `DraftGone`, or `Refusal` (``draft_not_found``) for a
    missing or foreign one.
    """
    draft = Draft.objects.filter(pk=draft_id, owner=user, target_kind=target.kind, target_id=target.id).first()
    if draft is None:
        raise Refusal(Code.DRAFT_NOT_FOUND)
    if draft.state not in states.LIVE:
        raise lifecycle.refusal(draft_id, user)
    if values is not None:
        _tell(draft.pk, user, values)
        draft.refresh_from_db()
    if renew:
        lifecycle.renew(draft.pk)
    return view(draft)


def view(draft: Draft) -> DraftView:
    """Return the draft with everything a page needs."""
    return DraftView(
        id=draft.pk,
        target=Target(draft.target_kind, draft.target_id),
        fields=form_state.noted(draft),
        opened_with=form_state.opened_with(draft),
        revision=draft.revision,
        variants=[(row["temp_id"], row["label"]) for row in draft.variants],
        open_elsewhere=sockets.live_sockets(clock.service_now()).filter(draft=draft).exists(),
        images=_images(draft),
    )


def _images(draft: Draft) -> list[DraftImage]:
    kept = draft.files.filter(state__in=states.LISTED - {FileState.REJECTED})
    return [
        DraftImage(file.name, "" if file.state == FileState.RECEIVING else small_picture_url(file.source_id or file.pk))
        for file in kept.order_by("file_type", "variant_temp_id", "sequence")
    ]


def accept_upload(
    user: User,
    upload: UploadedFile[Any],
    *,
    draft_id: UUID,
    file_type: str = "main_image",
    variant_temp_id: str | None = None,
    sequence: int | None = None,
) -> AcceptedFile:
    """Store a file sent over HTTP in the draft; it appears at once in every tab.

    Raises `Refusal`: those of a draft that is not live, the codes of the limits and of image checks,
    ``unknown_variant``, ``store_unavailable``.
    """
    return http_upload.accept(draft_id, user, upload, (file_type, variant_temp_id), sequence)


def discard(user: User, draft_id: UUID) -> int:
    """Discard a live draft now; return how many of its files are deleted. Raises as `find_draft`."""
    return len(lifecycle.discard(draft_id, user))


def keep(user: User, draft_id: UUID) -> None:
    """Keep a live draft for `keep_hours` from now, whatever N is. Raises as `find_draft`, and ``too_many_kept``."""
    keeping.keep(draft_id, user)


def keep_hours() -> int:
    """Return for how many hours `keep` keeps a draft."""
    return upload_settings().keep_hours


def find_text(user: User, draft_id: UUID) -> KeptText | None:
    """Return the kept text of an ended draft; None if there is none (any more), or the draft is not the user's."""
    return kept_text.find(user, draft_id)


def erase_text(user: User, draft_id: UUID) -> bool:
    """Erase the kept text of an ended draft now; False if there was none."""
    return kept_text.erase(user, draft_id)


def text_kept_days() -> int:
    """Return for how many days the text of a draft outlives its images."""
    return upload_settings().text_kept_days


def cleanup(user: User, draft_ids: Sequence[UUID]) -> CleanupResult:
    """Discard the live ones of these drafts, and let the store delete their files for 5 s.

    A call started by then is awaited. `deleted` counts files irrevocably removed from the drafts; `errors` names those
    whose objects the store has not deleted yet, which jobs continue to try.
    """
    to_delete: list[UUID] = []
    for draft_id in draft_ids:
        try:
            to_delete += lifecycle.discard(draft_id, user)
        except Refusal:
            continue
    with sockets.temporary_worker() as process:
        runner.run_for(to_delete, process.pk, CLEANUP_SECONDS)
    left = File.objects.filter(pk__in=to_delete).exclude(state=FileState.DELETED)
    return CleanupResult(len(to_delete), list(left.values_list("name", flat=True)))


def upload_limits() -> UploadLimits:
    """Return what a page can show beside a file field."""
    taken = checker.content_types()
    extensions = {f".{one}": None for kind in taken if kind in NEEDS_PREVIEW for one in EXTENSIONS[kind]}
    return UploadLimits(
        taken, ",".join([*taken, *extensions]), localized_value(Size(account.effective_limits().max_file_bytes))
    )


def max_variants() -> int:
    """How many variant rows a draft may have."""
    return upload_settings().limits.max_variants


def live_drafts(user: User, draft_ids: Collection[UUID]) -> list[UUID]:
    """Return those of the drafts that are live and the user's, oldest first."""
    live = Draft.objects.filter(pk__in=draft_ids, owner=user, state__in=states.LIVE)
    return list(live.order_by("created_at").values_list("pk", flat=True))
