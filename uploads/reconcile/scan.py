"""Compare the store's listing with the rows, read-only. `rules` decides and `cleanup` acts."""

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
from uploads.reconcile.rules import (
    Classification,
    ClassifiedObject,
    ExpectedObject,
    GenerationMarker,
    ListedObject,
    Reason,
    Window,
)
from uploads.stores.base import Listed, Lists, SavesInPlace, Store, StoreError
from uploads.stores.registry import current_store

BATCH = 500
MAX_LOOKUPS = 500
"""Files missing from the listing that are looked up one by one."""


class Dangling(Struct, frozen=True):
    """A file whose object is missing."""

    file: UUID
    key: str
    reason: Reason


class ScanResult(Struct):
    """Result of one comparison of the store and the database."""

    window: Window
    classified: list[ClassifiedObject] = field(default_factory=list)
    dangling: list[Dangling] = field(default_factory=list)
    cut: dict[str, str] = field(default_factory=dict)
    """Folders whose listing ended early, and why."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Folders that were skipped, and why."""
    not_looked_for: int = 0
    """Files missing from the listing beyond `MAX_LOOKUPS`, not looked up."""
    files: int = 0
    """Files that have an object according to the database."""
    marker: GenerationMarker | None = None
    marked_ms: int | None = None
    markers: list[GenerationMarker] = field(default_factory=list)
    """The generation markers in the store."""

    def of(self, verdict: Classification) -> list[ClassifiedObject]:
        """Return the objects of this classification."""
        return [one for one in self.classified if one.classification is verdict]

    @property
    def orphans(self) -> int:
        """Count the orphaned images: an image and its small pictures are one."""
        return rules.count_images(one.listed.key for one in self.of(Classification.ORPHAN))

    @property
    def possibly_lost(self) -> int:
        """See `uploads.reconcile.rules.possibly_lost`."""
        return rules.possibly_lost(self.classified, self.marked_ms, self.window.age_ms)


def scan(*, age_ms: int = rules.AGE_MS, reserve: int = 0, saved: bool = True) -> ScanResult:
    """Compare the temp area, and with `saved` the permanent one, with the rows. Changes nothing.

    The listing ends early once the store allows fewer than `reserve` calls. Raises `StoreError` if it cannot list.
    """
    backend = current_store()
    if not isinstance(backend, Lists):
        raise StoreError("list: this store cannot")
    window = Window(upload_settings().instance, clock.database_now_ms(), age_ms, _saved_in_temp(backend))
    result = ScanResult(window)
    for folder in _folders(saved, result.left_out):
        if result.cut:
            result.cut[folder] = "the listing before it ended early"
            continue
        found = _listed(backend, folder, reserve, result.cut)
        while batch := list(islice(found, BATCH)):
            # Read the rows after the objects, because a row is older than its object.
            expected = expected_objects({file for one in batch if (file := rules.file_of(one.key))})
            result.classified += [rules.classify(one, _expected_of(one, expected), window) for one in batch]
    result.marker, result.marked_ms = marker.read()
    markers = (rules.marker_of(one.listed.key, window.instance) for one in result.of(Classification.MARK))
    result.markers = [one for one in markers if one]
    _look_up_missing(backend, result)
    return result


def _saved_in_temp(backend: Store) -> bool:
    """Whether saved files stay in the temp area, or did so before the settings were changed."""
    if isinstance(backend, SavesInPlace) and backend.saves_in_place:
        return True
    saved = File.objects.filter(state=FileState.PERMANENT, store_key__startswith=TEMP_ROOT)
    return upload_settings().permanent_folder.startswith(TEMP_ROOT) or saved.exists()


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


def _listed(backend: Lists, folder: str, reserve: int, cut: dict[str, str]) -> Iterator[ListedObject]:
    low: int | None = None
    try:
        for listed in backend.list(folder):
            if (left := listed.calls_left) is not None and left < reserve:
                # The rest of a fetched page costs no call; a different number announces the next page.
                if low not in (None, left):
                    cut[folder] = f"the store allows only {left} more calls; {reserve} are kept for others"
                    return
                low = left
            if folder == TEMP_ROOT or not listed.key.startswith(TEMP_ROOT):
                yield _listed_object(listed)
    except StoreError as error:
        cut[folder] = f"the store failed: {error}"


def _listed_object(listed: Listed) -> ListedObject:
    made_ms = None if listed.created_at is None else int(listed.created_at.timestamp() * 1000)
    return ListedObject(listed.key, listed.size, made_ms)


def _expected_of(listed: ListedObject, expected: dict[UUID, ExpectedObject]) -> ExpectedObject | None:
    file = rules.file_of(listed.key)
    return expected.get(file) if file else None


def expected_objects(files: Collection[UUID]) -> dict[UUID, ExpectedObject]:
    """Return the expected object of each of `files` that has a row."""
    s_ms = clock.service_now()
    promoting: dict[UUID, str] = {}
    leaving: dict[UUID, set[str]] = {}
    for job in StoreJob.objects.filter(file__in=files):
        if job.kind == StoreJob.Kind.PROMOTE:
            promoting[job.file_id] = job.key
        elif job.kind != StoreJob.Kind.PUT and not job.dead:
            leaving.setdefault(job.file_id, set()).add(job.key)
    return {
        file.pk: ExpectedObject(
            FileState(file.state),
            file.store_key,
            promoting_to=promoting.get(file.pk, ""),
            leaving=frozenset(leaving.get(file.pk, ())),
            under_way=file.put_in_flight_until_ms is not None and file.put_in_flight_until_ms > s_ms,
        )
        for file in File.objects.filter(pk__in=files)
    }


def _look_up_missing(backend: Store, result: ScanResult) -> None:
    """Look up each file whose object is missing from a completely listed folder."""
    seen = {rules.file_of(one.listed.key) for one in result.classified if one.reason in (Reason.OWN, Reason.PROMOTING)}
    # Objects in another store are not missing here.
    owning = File.objects.filter(source=None, state__in=rules.LOST, store_name__in=["", backend.name])
    suspects: list[UUID] = []
    for file_id, key in owning.values_list("pk", "store_key").iterator():
        result.files += 1
        if file_id not in seen and _was_listed(key, {*result.cut, *result.left_out}):
            suspects.append(file_id)
    result.not_looked_for = max(0, len(suspects) - MAX_LOOKUPS)
    try:
        dangling = (_dangling(backend, file_id) for file_id in suspects[:MAX_LOOKUPS])
        result.dangling += [one for one in dangling if one]
    except StoreError as error:
        result.cut["files one by one"] = f"the store failed: {error}"


def _was_listed(key: str, cut: Collection[str]) -> bool:
    if key.startswith(TEMP_ROOT):
        return TEMP_ROOT not in cut
    return all(folder == TEMP_ROOT for folder in cut)


def _dangling(backend: Store, file_id: UUID) -> Dangling | None:
    """Return the file as dangling unless its object exists or the file changed during the lookup."""
    before = expected_objects([file_id]).get(file_id)
    if before is None or before.state not in rules.LOST:
        return None
    keys = [before.store_key, *([before.promoting_to] if before.promoting_to else [])]
    if any(backend.exists(key) for key in keys):
        return None
    after = expected_objects([file_id]).get(file_id)
    if after is None or (after.state, after.store_key) != (before.state, before.store_key):
        return None
    if after.under_way and after.state is FileState.LINKED:
        return None
    return Dangling(file_id, after.store_key, rules.LOST[after.state])
