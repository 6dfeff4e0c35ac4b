"""Saving: a draft's files become the product's, in the caller's own transaction, exactly once.

    with committing(draft_id, user) as commit:
        ...  # validate and save the product here
        commit.apply(current, link)

The draft row is locked before the form is validated, so a double click waits and then learns that
the product exists. Whatever raises inside rolls everything back; without `apply` the draft stays as
it was. Rows are written in the transaction, bytes move after it (`uploads.jobs.runner`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from msgspec import Struct

from uploads import event_log, signals
from uploads.conf import upload_settings
from uploads.core import states
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import lists_of
from uploads.core.states import DraftEvent, DraftState, FileEvent, FileState
from uploads.drafts import lifecycle, two_people
from uploads.drafts.merge import FileType, Linked, Plan, PlannedFile, merge
from uploads.grace import clock, disconnections
from uploads.models import CommitRecord, Draft, File, StoreJob
from uploads.stores.addresses import app_url
from uploads.stores.enqueue import enqueue
from uploads.transitions import advance_locked, move

Link = Callable[[Plan], Linked]


class FilesUnfinished(Refusal):
    """Some files are still uploading: wait for them, or commit `without` them."""

    def __init__(self, files: Sequence[File]) -> None:
        super().__init__(Code.FILES_UNFINISHED)
        self.files = tuple(file.pk for file in files)
        self.names = tuple(file.name for file in files)


class Meanwhile(Struct, frozen=True):
    """What other users saved of the same target while a draft was open: their names, and how many images they added."""

    names: tuple[str, ...]
    added: int


class Commit:
    """A draft that is locked for saving."""

    def __init__(self, draft: Draft, user: User) -> None:
        self.draft = draft
        self._user = user

    def apply(self, current: Sequence[PlannedFile], link: Link, without: Collection[UUID] = ()) -> Linked:
        """Commit the draft: `link` writes the host's rows for the plan and returns what they became.

        `current` are the product's files, read under its row lock (empty for a new product). `without` names unfinished
        files to leave out. Raises `FilesUnfinished`.
        """
        files = list(self.draft.files.filter(state__in=states.VISIBLE))
        self._refuse_unfinished(files, frozenset(without))
        linked = link(self._plan(files, current))
        self._close(files, linked)
        return linked

    def merge_fields(
        self, sent: Mapping[str, Sequence[str]], current: Mapping[str, Sequence[str]], seen: int | None
    ) -> two_people.FieldMerge:
        """Compare the submitted form with what the target holds now, field by field, under the target's row lock.

        `seen` is the newest revision of the draft that the page had shown; None if the page did not send it. The user's
        value wins where nobody else saved the field meanwhile, or where the page had shown the newer value. If the
        draft is not saved after this, the target's values stay available as offers, and submitting again counts as
        having seen them.
        """
        return two_people.merge_fields(self.draft, self._user, sent, current, seen)

    def meanwhile(self) -> Meanwhile:
        """Return what others saved of this target since the draft was opened. Call under the target's row lock."""
        others = dict(
            two_people.saves_by_others(self.draft, self._user).order_by("pk").values_list("draft", "draft__ended_by")
        )
        added = File.objects.filter(draft__in=others, state__in=[FileState.LINKED, FileState.PERMANENT])
        return Meanwhile(tuple(dict.fromkeys(others.values())), added.count())

    @staticmethod
    def _refuse_unfinished(files: Sequence[File], without: Collection[UUID]) -> None:
        unfinished = [file for file in files if file.state in states.UNFINISHED and file.pk not in without]
        if unfinished:
            raise FilesUnfinished(unfinished)

    def _plan(self, files: Sequence[File], current: Sequence[PlannedFile]) -> Plan:
        kept = {file.pk: file for file in files if file.state in (FileState.STORED, FileState.ATTACHED)}
        order = lists_of({file.pk: file.position for file in kept.values()})
        mine = [planned(kept[pk]) for pks in order.values() for pk in pks]
        references = {file.source_id: file for file in files if file.source_id is not None}
        return merge(
            base=references,
            mine=mine,
            removed=[source for source, file in references.items() if file.state == FileState.REMOVED],
            described=[source for source, file in references.items() if file.described],
            current=current,
            variants=[(row["temp_id"], row["label"]) for row in self.draft.variants],
        )

    def _close(self, files: Sequence[File], linked: Linked) -> None:
        stored = [file for file in files if file.state == FileState.STORED]
        move(File.objects.filter(pk__in=[file.pk for file in stored]), FileEvent.LINK)
        self._promote(stored, linked)
        references = [file.pk for file in files if file.source_id is not None]
        File.objects.filter(pk__in=references).delete()
        left = [file for file in files if file.source_id is None and file.state != FileState.STORED]
        lifecycle.destroy(left)
        if self.draft.state == DraftState.GRACE:
            disconnections.record_return(self.draft, clock.service_now())
        advance_locked(
            self.draft,
            DraftEvent.COMMIT,
            ended_by=self._user.get_username(),
            ended_at=timezone.now(),
            deadline_ms=None,
        )
        CommitRecord.objects.create(draft=self.draft, target_id=linked.target_id, url=linked.url)
        event_log.record(
            "draft_committed",
            self.draft.pk,
            by=self._user.get_username(),
            files=len(stored),
            left=len(left),
            target=linked.target_id,
        )
        signals.announce_end(self.draft.pk)
        if linked.values:
            # After the commit: this transaction holds its own draft, and saves of the other drafts wait for the target.
            signals.after_commit(two_people.tell_saved, self.draft, linked.target_id, linked.values, self._user)

    def _promote(self, stored: Sequence[File], linked: Linked) -> None:
        settings = upload_settings()
        folder = settings.permanent_folder.format(target=linked.target_id)
        not_before = clock.service_now() + settings.promote_delay_seconds * 1000
        enqueue(
            [
                StoreJob(
                    kind=StoreJob.Kind.PROMOTE,
                    file=file,
                    key=f"{folder}/{file.store_key.rpartition('/')[2]}",
                    not_before_ms=not_before,
                )
                for file in stored
            ]
        )


@contextmanager
def committing(draft_id: UUID, user: User) -> Iterator[Commit]:
    """Hold the draft's lock in one transaction while the host validates and saves.

    Raises `AlreadyCommitted` (with the product's URL), `DraftGone`, or `Refusal` (``draft_not_found``).
    """
    with transaction.atomic(), lifecycle.changing(draft_id, user) as draft:
        yield Commit(draft, user)


def planned(file: File) -> PlannedFile:
    """Return the file as a commit's plan names it: by the upload that owns its bytes."""
    owner_id = file.source_id or file.pk
    file_type: FileType = "variant_image" if file.variant_temp_id else "main_image"
    return PlannedFile(
        file=owner_id,
        url=app_url(owner_id),
        name=file.name,
        file_type=file_type,
        variant_temp_id=file.variant_temp_id or None,
        alt_text=file.alt_text,
        is_new=file.source_id is None,
        sequence=file.sequence,
    )


def attach(draft: Draft, files: Sequence[PlannedFile]) -> None:
    """Attach the edited product's `files` to its new draft, as references. Call in the opening transaction.

    A file that was not uploaded through a draft has no row here. It stays with the product and is not shown in the
    draft.
    """
    sources = File.objects.in_bulk([file.file for file in files])
    File.objects.bulk_create(
        [
            File(
                id=uuid4(),
                draft=draft,
                state=FileState.ATTACHED,
                source=sources[file.file],
                name=file.name,
                size=sources[file.file].size,
                content_type=sources[file.file].content_type,
                file_type=file.file_type,
                variant_temp_id=file.variant_temp_id or "",
                sequence=file.sequence,
                alt_text=file.alt_text,
                sha256=sources[file.file].sha256,
                width=sources[file.file].width,
                height=sources[file.file].height,
                taken_at=sources[file.file].taken_at,
            )
            for file in files
            if file.file in sources
        ]
    )


def release(files: Collection[UUID]) -> int:
    """Release permanent files for deletion, in the caller's transaction that removes the product's rows of them.

    The only writer of destroy jobs for permanent objects. Returns how many files are deleted. A file that another draft
    still references leaves that draft's list after the caller's transaction, because the caller holds its product's
    row, and a user saving that draft holds the draft and waits for the product.
    """
    with transaction.atomic():
        references = File.objects.filter(source__in=files)
        for draft_id in set(references.values_list("draft_id", flat=True)):
            signals.after_commit(two_people.drop_references, draft_id, files)
        held = File.objects.select_for_update().filter(pk__in=files)
        released = list(held.filter(state__in=states.sources(FileEvent.RELEASE)))
        # A promotion that gave up may have left a copy. Requeued, it deletes that copy.
        StoreJob.objects.filter(file__in=released, dead=True).update(dead=False)
        lifecycle.destroy(released, FileEvent.RELEASE)
    return len(released)
