"""What objects in a store and rows in the database say of each other: verdicts over plain values.

Theory of operation
-------------------
A row that names an object is written before the object, and stays for weeks after it. So an object that no row names
means one of two things: its row was tidied away long ago, or this database does not know what another one knew: it is
an older copy, or has lost commits. The *mark* tells them apart: a counter kept in the database and as an object in the
store, moved on by every run that deletes and found no reason to doubt. Nothing is deleted

- when the store's mark is ahead of the database's: a later database has been here;
- when an object that no row names is newer than the database's mark, or there is no mark yet: its row may have been
  forgotten since;
- when there are more orphans than a healthy site can have.

Objects of saved files are never deleted from here, only reported. Times are milliseconds; `made_ms`, `now_ms` and
`marked_ms` are wall clock.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from uploads.core.names import TEMP_ROOT
from uploads.core.states import FileState
from uploads.stores.retry import LATE_MS

AGE_MS = 3_600_000
"""Objects younger than that are left alone, unless the operator says otherwise."""
LEAST_AGE_MS = LATE_MS

MOST_ORPHANS = 500
MOST_PERCENT = 10
"""More orphans than this, or than so many in a hundred objects, are deleted only when somebody confirms it."""

_NAME = re.compile(r"([a-z0-9]{1,16})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[a-z0-9]{1,5}")
_TEMP_FOLDER = re.compile(re.escape(TEMP_ROOT) + r"[A-Za-z0-9_-]{1,60}_\d{8}T\d{12}")
_MARK = re.compile(r"([a-z0-9]{1,16})-mark-(\d{1,12})-([0-9a-f-]{36})\.png")


class Verdict(StrEnum):
    """What is to become of an object."""

    KEPT = "kept"
    YOUNG = "young"
    FOREIGN = "foreign"
    ORPHAN = "orphan"
    UNCLAIMED = "unclaimed"
    """As an orphan, but outside the temp area: only reported."""
    MARK = "mark"


class Why(StrEnum):
    """The reason of a verdict."""

    OWN = "its file has it"
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


_NOBODY_DELETED = frozenset({Why.NO_ROW, Why.ELSEWHERE})
"""No decision of this database made such an object one that nobody wants."""

_GONE = (FileState.DELETING, FileState.DELETED)

LOST = {
    FileState.STORED: Why.LOST_TEMP,
    FileState.REMOVED: Why.LOST_TEMP,
    FileState.LINKED: Why.LOST_SAVED,
    FileState.PERMANENT: Why.LOST_PERMANENT,
}
"""The states in which a file has an object, and what it means when there is none."""


class Found(Struct, frozen=True):
    """An object of a listing; `made_ms` is None when the store does not say."""

    key: str
    size: int = 0
    made_ms: int | None = None


class Known(Struct, frozen=True):
    """What the database knows of a file."""

    state: FileState
    store_key: str
    promoting_to: str = ""
    leaving: frozenset[str] = frozenset()
    """The keys that a job which is not dead will destroy."""
    under_way: bool = False
    """Whether a put or a promotion that was begun may still have its effect."""


class Window(Struct, frozen=True):
    """Whose objects are judged, and when: younger ones than `age_ms` are left alone."""

    instance: str
    now_ms: int
    age_ms: int = AGE_MS


class Judged(Struct, frozen=True):
    """An object and what was found of it. `unnamed`: no row names it or ever gave it up."""

    found: Found
    verdict: Verdict
    why: Why
    unnamed: bool = False


class Mark(Struct, frozen=True, order=True):
    """How often this site's store was marked, and an id no other database has given that mark."""

    counter: int
    token: UUID


def file_of(key: str) -> UUID | None:
    """The file whose object is named like `key`, of whatever instance; None when it is none of ours."""
    name = _NAME.fullmatch(key.rpartition("/")[2])
    return UUID(name[2]) if name else None


def mark_key(instance: str, mark: Mark) -> str:
    """Where the mark lies in the store."""
    return f"{TEMP_ROOT}{instance}_mark/{instance}-mark-{mark.counter}-{mark.token}.png"


def mark_of(key: str, instance: str) -> Mark | None:
    """The mark that the object `key` is; None when it is none of this instance."""
    name = _MARK.fullmatch(key.rpartition("/")[2])
    if not name or name[1] != instance:
        return None
    try:
        mark = Mark(int(name[2]), UUID(name[3]))
    except ValueError:
        return None
    return mark if mark_key(instance, mark) == key else None


def judge(found: Found, known: Known | None, window: Window) -> Judged:
    """What is to become of the object; `known` is its file's row, None when there is none."""
    key = found.key
    if mark_of(key, window.instance):
        return Judged(found, Verdict.MARK, Why.A_MARK)
    if claim := known and _claim(key, known):
        return Judged(found, Verdict.KEPT, claim)
    folder, _, name = key.rpartition("/")
    ours = _NAME.fullmatch(name)
    temp = key.startswith(TEMP_ROOT)
    if not ours or (temp and not _TEMP_FOLDER.fullmatch(folder)):
        return Judged(found, Verdict.FOREIGN, Why.NOT_OURS)
    if ours[1] != window.instance:
        return Judged(found, Verdict.FOREIGN, Why.OTHER_INSTANCE)
    why = _why_unwanted(key, known)
    if not temp:
        return Judged(found, Verdict.UNCLAIMED, why)
    unnamed = why in _NOBODY_DELETED
    if found.made_ms is None:
        return Judged(found, Verdict.YOUNG, Why.AGELESS, unnamed)
    if found.made_ms > window.now_ms - window.age_ms:
        return Judged(found, Verdict.YOUNG, Why.TOO_YOUNG, unnamed)
    return Judged(found, Verdict.ORPHAN, why, unnamed)


def _claim(key: str, known: Known) -> Why | None:
    """Why the object must stay for its file's sake; None when the file does not want it."""
    if _same(key, known.store_key) and known.state not in _GONE:
        return Why.OWN
    if known.state is FileState.LINKED and _same(key, known.promoting_to):
        return Why.PROMOTING
    if any(_same(key, leaving) for leaving in known.leaving):
        return Why.LEAVING
    return Why.UNDER_WAY if known.under_way else None


def _why_unwanted(key: str, known: Known | None) -> Why:
    if known is None:
        return Why.NO_ROW
    if known.state in _GONE:
        return Why.DELETED
    return Why.LEFT_BEHIND if known.state is FileState.PERMANENT else Why.ELSEWHERE


def _same(key: str, other: str) -> bool:
    """Whether both name one object: a store may call a format otherwise than we do (``jpeg``)."""
    return key.rpartition(".")[0] == other.rpartition(".")[0]


class Stop(StrEnum):
    """Why nothing is deleted."""

    RESTORED = "restored"
    UNNAMED = "unnamed"
    TOO_MANY = "too_many"


def restored(own: Mark | None, seen: Collection[Mark]) -> bool:
    """Whether a database has marked the store that knew more than this one, or other things."""
    if not seen:
        return False
    newest = max(mark.counter for mark in seen)
    if own is None or newest > own.counter:
        return True
    return newest == own.counter and own not in seen


def forgotten(judged: Iterable[Judged], marked_ms: int | None, age_ms: int) -> int:
    """How many objects that no row names may have had one that this database, marked at `marked_ms`, has forgotten.

    The store's clock may be off by `age_ms`.
    """
    return sum(
        one.unnamed and (marked_ms is None or one.found.made_ms is None or one.found.made_ms > marked_ms - age_ms)
        for one in judged
    )


def too_many(orphans: int, files: int, confirmed: int = 0) -> bool:
    """Whether so many orphans, beside `files` that have an object, are more than what the operator `confirmed`."""
    if orphans <= confirmed:
        return False
    return orphans > MOST_ORPHANS or orphans * 100 > (orphans + files) * MOST_PERCENT
