"""Compare the store's listing with the rows, read-only: `rules` decides and `cleanup` acts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from uuid import UUID

from msgspec import Struct, field

from uploads.conf import upload_settings
from uploads.core.names import TEMP_ROOT
from uploads.core.states import FileState
from uploads.grace import clock
from uploads.models import File, StoreJob
from uploads.reconcile import marker, rules
from uploads.reconcile.rules import Found, Judged, Known, Mark, Verdict, Why, Window
from uploads.stores.base import Listed, Lists, Store, StoreError
from uploads.stores.registry import store

BATCH = 500
MOST_LOOKS = 500
"""So many files that the listing does not show are looked for one by one."""


class Dangling(Struct, frozen=True):
    """A file whose object is not there."""

    file: UUID
    key: str
    why: Why


class Examined(Struct):
    """What one look at the store and the database found."""

    window: Window
    judged: list[Judged] = field(default_factory=list)
    dangling: list[Dangling] = field(default_factory=list)
    cut: dict[str, str] = field(default_factory=dict)
    """The folders that were not listed to their end, and why."""
    left_out: dict[str, str] = field(default_factory=dict)
    """The folders that were not listed, as was wanted or for good, and why."""
    not_looked_for: int = 0
    """How many more files the listing does not show."""
    files: int = 0
    """How many files have an object, as far as the database knows."""
    mark: Mark | None = None
    marked_ms: int | None = None
    marks: list[Mark] = field(default_factory=list)
    """The marks in the store."""

    def of(self, verdict: Verdict) -> list[Judged]:
        """What was judged so."""
        return [one for one in self.judged if one.verdict is verdict]

    @property
    def forgotten(self) -> int:
        """See `uploads.reconcile.rules.forgotten`."""
        return rules.forgotten(self.judged, self.marked_ms, self.window.age_ms)


def examine(*, age_ms: int = rules.AGE_MS, reserve: int = 0, saved: bool = True) -> Examined:
    """List the temp area, and that of `saved` files, and compare. Changes nothing.

    No page is asked for once the store allows fewer than `reserve` calls. Raises `StoreError` for one that cannot list.
    """
    backend = store()
    if not isinstance(backend, Lists):
        raise StoreError("list: this store cannot")
    window = Window(upload_settings().instance, clock.database_now_ms(), age_ms)
    examined = Examined(window)
    for folder in _folders(saved, examined.left_out):
        if examined.cut:
            examined.cut[folder] = "the listing before it ended early"
            continue
        found = _listed(backend, folder, reserve, examined.cut)
        while batch := list(islice(found, BATCH)):
            # The rows are read after the objects: a row is older than its object.
            known = known_files({file for one in batch if (file := rules.file_of(one.key))})
            examined.judged += [rules.judge(one, _row_of(one, known), window) for one in batch]
    examined.mark, examined.marked_ms = marker.read()
    marks = (rules.mark_of(one.found.key, window.instance) for one in examined.of(Verdict.MARK))
    examined.marks = [mark for mark in marks if mark]
    _look_for_dangling(backend, examined)
    return examined


def _folders(saved: bool, left_out: dict[str, str]) -> Iterator[str]:
    yield TEMP_ROOT
    named = upload_settings().permanent_folder
    folder = named.partition("{")[0].rpartition("/")[0]
    if not saved:
        left_out[named] = "not asked for"
    elif not folder:
        left_out[named] = "its folders have no beginning in common"
    elif not f"{folder}/".startswith(TEMP_ROOT):
        yield f"{folder}/"


def _listed(backend: Lists, folder: str, reserve: int, cut: dict[str, str]) -> Iterator[Found]:
    low: int | None = None
    try:
        for listed in backend.list(folder):
            if (left := listed.calls_left) is not None and left < reserve:
                # What is left of a page that was fetched costs nothing; the next page shows by another number.
                if low not in (None, left):
                    cut[folder] = f"the store allows only {left} more calls; {reserve} are kept for others"
                    return
                low = left
            if folder == TEMP_ROOT or not listed.key.startswith(TEMP_ROOT):
                yield _found(listed)
    except StoreError as error:
        cut[folder] = f"the store failed: {error}"


def _found(listed: Listed) -> Found:
    made_ms = None if listed.created_at is None else int(listed.created_at.timestamp() * 1000)
    return Found(listed.key, listed.size, made_ms)


def _row_of(found: Found, known: dict[UUID, Known]) -> Known | None:
    file = rules.file_of(found.key)
    return known.get(file) if file else None


def known_files(files: Collection[UUID]) -> dict[UUID, Known]:
    """What the database knows of those of `files` that it knows."""
    s_ms = clock.service_now()
    promoting: dict[UUID, str] = {}
    leaving: dict[UUID, set[str]] = {}
    for job in StoreJob.objects.filter(file__in=files):
        if job.kind == StoreJob.Kind.PROMOTE:
            promoting[job.file_id] = job.key
        elif job.kind != StoreJob.Kind.PUT and not job.dead:
            leaving.setdefault(job.file_id, set()).add(job.key)
    return {
        file.pk: Known(
            FileState(file.state),
            file.store_key,
            promoting_to=promoting.get(file.pk, ""),
            leaving=frozenset(leaving.get(file.pk, ())),
            under_way=file.put_in_flight_until_ms is not None and file.put_in_flight_until_ms > s_ms,
        )
        for file in File.objects.filter(pk__in=files)
    }


def _look_for_dangling(backend: Store, examined: Examined) -> None:
    """Files of the folders that were listed whole, whose object did not show: the store is asked for each of them."""
    seen = {rules.file_of(one.found.key) for one in examined.judged if one.why in (Why.OWN, Why.PROMOTING)}
    # What another store has is not missing here.
    owning = File.objects.filter(source=None, state__in=rules.LOST, store_name__in=["", backend.name])
    suspects: list[UUID] = []
    for file_id, key in owning.values_list("pk", "store_key").iterator():
        examined.files += 1
        if file_id not in seen and _was_listed(key, {*examined.cut, *examined.left_out}):
            suspects.append(file_id)
    examined.not_looked_for = max(0, len(suspects) - MOST_LOOKS)
    try:
        dangling = (_dangling(backend, file_id) for file_id in suspects[:MOST_LOOKS])
        examined.dangling += [one for one in dangling if one]
    except StoreError as error:
        examined.cut["files one by one"] = f"the store failed: {error}"


def _was_listed(key: str, cut: Collection[str]) -> bool:
    if key.startswith(TEMP_ROOT):
        return TEMP_ROOT not in cut
    return all(folder == TEMP_ROOT for folder in cut)


def _dangling(backend: Store, file_id: UUID) -> Dangling | None:
    """The file, unless it has its object or got another way while we looked."""
    before = known_files([file_id]).get(file_id)
    if before is None or before.state not in rules.LOST:
        return None
    keys = [before.store_key, *([before.promoting_to] if before.promoting_to else [])]
    if any(backend.exists(key) for key in keys):
        return None
    after = known_files([file_id]).get(file_id)
    if after is None or (after.state, after.store_key) != (before.state, before.store_key):
        return None
    if after.under_way and after.state is FileState.LINKED:
        return None
    return Dangling(file_id, after.store_key, rules.LOST[after.state])
