"""Classify the objects of a store by the rows of the database: rules over plain values.

Theory of operation
-------------------
The row that names an object is written before the object and outlives it by weeks. An object that no row names
therefore means one of two things: its row was deleted long ago, or this database has lost data because it is an older
copy or lost commits. The *generation marker* tells the two apart: a counter stored in the database and as an object in
the store, advanced by every run that deletes and finds no reason to doubt. A run deletes nothing

- if the store's marker is ahead of the database's: a later database has run here;
- if an object that no row names is newer than the database's marker, or there is no marker yet: its row may have been
  lost since;
- if there are more orphans than a healthy site can have.

Small pictures (`uploads.core.small_pictures`) have no row of their own: that of their image names them.

Objects of saved files are never deleted here, only reported; where saved files stay in the temp area, that holds for
every object that no row names, because it may be one of them. Times are milliseconds; `made_ms`, `now_ms` and
`marked_ms` are wall clock.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from uploads.core import small_pictures
from uploads.core.names import TEMP_ROOT
from uploads.core.states import FileState
from uploads.stores.retry import LATE_MS

AGE_MS = 3_600_000
"""Objects younger than this are left alone, unless the operator says otherwise."""
MIN_AGE_MS = LATE_MS

MAX_ORPHANS = 500
MAX_PERCENT = 10
"""More orphaned images than `MAX_ORPHANS`, or than this percentage of all images, are deleted only when confirmed."""

_NAME = re.compile(r"([a-z0-9]{1,16})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:_\d{1,5})?\.[a-z0-9]{1,5}")
_TEMP_FOLDER = re.compile(re.escape(TEMP_ROOT) + r"[A-Za-z0-9_-]{1,60}_\d{8}T\d{12}")
_MARK = re.compile(r"([a-z0-9]{1,16})-mark-(\d{1,12})-([0-9a-f-]{36})\.png")


class Classification(StrEnum):
    """What happens to an object."""

    KEPT = "kept"
    YOUNG = "young"
    FOREIGN = "foreign"
    ORPHAN = "orphan"
    UNCLAIMED = "unclaimed"
    """An orphan that may be a saved file's: only reported."""
    MARK = "mark"


class Reason(StrEnum):
    """The reason for a classification; the values are shown to the operator."""

    OWN = "its file has it"
    SMALL = "its file has the image that it shows"
    PROMOTING = "its file is being promoted to it"
    LEAVING = "its delete is written"
    UNDER_WAY = "a put or a promotion of its file may still be under way"
    TOO_YOUNG = "made within the age window"
    AGELESS = "the store does not say when it was made"
    OTHER_INSTANCE = "named by another instance"
    NOT_OURS = "no name that we give"
    A_MARK = "the mark of a run"
    NO_ROW = "no row names it"
    DELETED = "its file was deleted, and no delete of it is under way"
    LEFT_BEHIND = "its file left it behind when it was promoted"
    ELSEWHERE = "its file has another object"
    LOST_TEMP = "a draft's file has no object"
    LOST_SAVED = "a saved file that waits for its promotion has no object"
    LOST_PERMANENT = "a saved file has no object"


_NEVER_DELETED = frozenset({Reason.NO_ROW, Reason.ELSEWHERE})
"""Reasons without a delete decided by this database."""

_GONE = (FileState.DELETING, FileState.DELETED)

LOST = {
    FileState.STORED: Reason.LOST_TEMP,
    FileState.REMOVED: Reason.LOST_TEMP,
    FileState.LINKED: Reason.LOST_SAVED,
    FileState.PERMANENT: Reason.LOST_PERMANENT,
}
"""The states in which a file has an object, and the reason reported if the object is missing."""


class ListedObject(Struct, frozen=True):
    """An object in the store's listing; `made_ms` is None if the store does not report it."""

    key: str
    size: int = 0
    made_ms: int | None = None


class ExpectedObject(Struct, frozen=True):
    """The object that the database expects for a file, and what is in progress for it."""

    state: FileState
    store_key: str
    promoting_to: str = ""
    leaving: frozenset[str] = frozenset()
    """The keys that live jobs will destroy."""
    under_way: bool = False
    """Whether a put or promotion in flight may still take effect."""


class Window(Struct, frozen=True):
    """The instance whose objects are classified, and the time; objects younger than `age_ms` are left alone.

    `saved_in_temp`: whether the temp area may hold objects of saved files.
    """

    instance: str
    now_ms: int
    age_ms: int = AGE_MS
    saved_in_temp: bool = False


class ClassifiedObject(Struct, frozen=True):
    """An object and its classification. `unnamed`: no row names it and none records its deletion."""

    listed: ListedObject
    classification: Classification
    reason: Reason
    unnamed: bool = False


class GenerationMarker(Struct, frozen=True, order=True):
    """The generation of this site's store, and a token that tells databases apart."""

    counter: int
    token: UUID


def file_of(key: str) -> UUID | None:
    """Return the file that `key` names, of any instance; None if the name is not one of ours."""
    name = _NAME.fullmatch(key.rpartition("/")[2])
    return UUID(name[2]) if name else None


def marker_key(instance: str, marker: GenerationMarker) -> str:
    """Return the key of the marker in the store."""
    return f"{TEMP_ROOT}{instance}_mark/{instance}-mark-{marker.counter}-{marker.token}.png"


def marker_of(key: str, instance: str) -> GenerationMarker | None:
    """Parse the marker from `key`; None if it is not one of this instance."""
    name = _MARK.fullmatch(key.rpartition("/")[2])
    if not name or name[1] != instance:
        return None
    try:
        marker = GenerationMarker(int(name[2]), UUID(name[3]))
    except ValueError:
        return None
    return marker if marker_key(instance, marker) == key else None


def classify(listed: ListedObject, expected: ExpectedObject | None, window: Window) -> ClassifiedObject:
    """Classify the object; `expected` comes from its file's row, None without a row."""
    key = listed.key
    if marker_of(key, window.instance):
        return ClassifiedObject(listed, Classification.MARK, Reason.A_MARK)
    if reason := expected and _reason_to_keep(key, expected):
        return ClassifiedObject(listed, Classification.KEPT, reason)
    folder, _, name = key.rpartition("/")
    ours = _NAME.fullmatch(name)
    temp = key.startswith(TEMP_ROOT)
    if not ours or (temp and not _TEMP_FOLDER.fullmatch(folder)):
        return ClassifiedObject(listed, Classification.FOREIGN, Reason.NOT_OURS)
    if ours[1] != window.instance:
        return ClassifiedObject(listed, Classification.FOREIGN, Reason.OTHER_INSTANCE)
    reason = _why_unwanted(key, expected)
    if not temp:
        return ClassifiedObject(listed, Classification.UNCLAIMED, reason)
    unnamed = reason in _NEVER_DELETED
    if listed.made_ms is None:
        return ClassifiedObject(listed, Classification.YOUNG, Reason.AGELESS, unnamed)
    if listed.made_ms > window.now_ms - window.age_ms:
        return ClassifiedObject(listed, Classification.YOUNG, Reason.TOO_YOUNG, unnamed)
    may_be_saved = window.saved_in_temp and reason is Reason.NO_ROW
    return ClassifiedObject(
        listed, Classification.UNCLAIMED if may_be_saved else Classification.ORPHAN, reason, unnamed
    )


def _reason_to_keep(key: str, expected: ExpectedObject) -> Reason | None:
    """Return why the file still needs the object, or None if it does not."""
    is_small = small_pictures.is_small(key)
    if _same(key, expected.store_key) and expected.state not in _GONE:
        return Reason.SMALL if is_small else Reason.OWN
    if expected.state is FileState.LINKED and _same(key, expected.promoting_to):
        return Reason.SMALL if is_small else Reason.PROMOTING
    if any(_leaves(key, leaving) for leaving in expected.leaving):
        return Reason.LEAVING
    return Reason.UNDER_WAY if expected.under_way else None


def _leaves(key: str, leaving: str) -> bool:
    """Whether a delete of `leaving` removes `key`: that of an image removes its small pictures, too."""
    return key == leaving if small_pictures.is_small(leaving) else _same(key, leaving)


def _why_unwanted(key: str, expected: ExpectedObject | None) -> Reason:
    if expected is None:
        return Reason.NO_ROW
    if expected.state in _GONE:
        return Reason.DELETED
    return Reason.LEFT_BEHIND if expected.state is FileState.PERMANENT else Reason.ELSEWHERE


def _same(key: str, other: str) -> bool:
    """Whether both keys name one image or its small pictures: a store may name a format differently (``jpeg``)."""
    return small_pictures.image_stem(key) == small_pictures.image_stem(other)


def count_images(keys: Iterable[str]) -> int:
    """Count the images that these keys name: an image and its small pictures are one."""
    return len({small_pictures.image_stem(key) for key in keys})


class Stop(StrEnum):
    """Why nothing is deleted."""

    RESTORED = "restored"
    UNNAMED = "unnamed"
    TOO_MANY = "too_many"


def is_older_copy(own: GenerationMarker | None, seen: Collection[GenerationMarker]) -> bool:
    """Whether a later or another database has marked the store."""
    if not seen:
        return False
    newest = max(marker.counter for marker in seen)
    if own is None or newest > own.counter:
        return True
    return newest == own.counter and own not in seen


def possibly_lost(classified: Iterable[ClassifiedObject], marked_ms: int | None, age_ms: int) -> int:
    """Count the unnamed objects whose rows this database, marked at `marked_ms`, may have lost.

    The store's clock may be off by `age_ms`.
    """
    return sum(
        one.unnamed and (marked_ms is None or one.listed.made_ms is None or one.listed.made_ms > marked_ms - age_ms)
        for one in classified
    )


def too_many(orphans: int, files: int, confirmed: int = 0) -> bool:
    """Whether there are too many orphaned images beside `files` files with an object, and more than `confirmed`."""
    if orphans <= confirmed:
        return False
    return orphans > MAX_ORPHANS or orphans * 100 > (orphans + files) * MAX_PERCENT
