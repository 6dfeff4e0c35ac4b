"""The two state machines as literal tables: every legal move is listed here, and only `uploads.transitions` makes one.

Theory of operation
-------------------
A *draft* is live while it is OPEN (at least one live socket) or in GRACE (none; a deadline runs in service time). It
ends exactly once: COMMITTED with the product, or EXPIRING -> EXPIRED, ended by the sweeper (reason ``grace``, ``idle``)
or by the user (``discard``). No draft returns from EXPIRING, so a late delete is harmless.

A *file* goes RECEIVING -> CHECKING -> STORING -> STORED on its way in, STORED -> LINKED -> PERMANENT
with the product, and DELETING -> DELETED on its way out. ATTACHED is a reference to a file of the
edited product: it owns no bytes, so it never reaches DELETING.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class DraftState(StrEnum):
    """State of a draft."""

    GRACE = "grace"
    OPEN = "open"
    COMMITTED = "committed"
    EXPIRING = "expiring"
    EXPIRED = "expired"


class DraftEvent(StrEnum):
    """Events of a draft."""

    CONNECT = "connect"
    LAST_SOCKET_CLOSED = "last_socket_closed"
    COMMIT = "commit"
    DISCARD = "discard"
    OVERDUE = "overdue"
    IDLE = "idle"
    BYTES_GONE = "bytes_gone"


INITIAL_DRAFT_STATES = {
    DraftState.GRACE: "opened by a page; no tab has connected yet",
    DraftState.EXPIRING: "made to hold orphans of the store until they are deleted",
}

DRAFT_TRANSITIONS: dict[DraftEvent, dict[DraftState, DraftState]] = {
    DraftEvent.CONNECT: {DraftState.GRACE: DraftState.OPEN, DraftState.OPEN: DraftState.OPEN},
    DraftEvent.LAST_SOCKET_CLOSED: {DraftState.OPEN: DraftState.GRACE},
    DraftEvent.COMMIT: {DraftState.GRACE: DraftState.COMMITTED, DraftState.OPEN: DraftState.COMMITTED},
    DraftEvent.DISCARD: {DraftState.GRACE: DraftState.EXPIRING, DraftState.OPEN: DraftState.EXPIRING},
    DraftEvent.OVERDUE: {DraftState.GRACE: DraftState.EXPIRING},
    # Only with MAX_IDLE_DAYS: see uploads/expiry/idle.py.
    DraftEvent.IDLE: {DraftState.OPEN: DraftState.EXPIRING},
    DraftEvent.BYTES_GONE: {DraftState.EXPIRING: DraftState.EXPIRED},
}

LIVE = frozenset({DraftState.GRACE, DraftState.OPEN})


class FileState(StrEnum):
    """State of a file."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    STORING = "storing"
    STORED = "stored"
    REJECTED = "rejected"
    REMOVED = "removed"
    ATTACHED = "attached"
    LINKED = "linked"
    PERMANENT = "permanent"
    DELETING = "deleting"
    DELETED = "deleted"


class FileEvent(StrEnum):
    """Events of a file."""

    FINISH = "finish"
    CHECKED = "checked"
    PUT = "put"
    REJECT = "reject"
    SEND_AGAIN = "send_again"
    CHECK_AGAIN = "check_again"
    DELETE = "delete"
    REMOVE = "remove"
    RESTORE = "restore"
    RESTORE_ATTACHED = "restore_attached"
    LINK = "link"
    PROMOTED = "promoted"
    RELEASE = "release"
    DESTROYED = "destroyed"


_F = FileState
INITIAL_FILE_STATES = {
    _F.RECEIVING: "announced by a browser",
    _F.STORING: "received whole in one HTTP request and already checked",
    _F.ATTACHED: "a reference to a file of the edited product",
    _F.DELETING: "an orphan of the store, adopted to be deleted",
}

FILE_TRANSITIONS: dict[FileEvent, dict[FileState, FileState]] = {
    FileEvent.FINISH: {_F.RECEIVING: _F.CHECKING},
    FileEvent.CHECKED: {_F.CHECKING: _F.STORING},
    FileEvent.PUT: {_F.STORING: _F.STORED},
    FileEvent.REJECT: {_F.RECEIVING: _F.REJECTED, _F.CHECKING: _F.REJECTED, _F.STORING: _F.REJECTED},
    # A rejected file either still has its bytes in the spool (the store was down) or needs them again.
    FileEvent.SEND_AGAIN: {_F.REJECTED: _F.RECEIVING},
    FileEvent.CHECK_AGAIN: {_F.REJECTED: _F.CHECKING},
    FileEvent.DELETE: {
        _F.RECEIVING: _F.DELETING,
        _F.CHECKING: _F.DELETING,
        _F.STORING: _F.DELETING,
        _F.REJECTED: _F.DELETING,
        _F.STORED: _F.DELETING,
        _F.REMOVED: _F.DELETING,
    },
    FileEvent.REMOVE: {_F.STORED: _F.REMOVED, _F.ATTACHED: _F.REMOVED},
    FileEvent.RESTORE: {_F.REMOVED: _F.STORED},
    FileEvent.RESTORE_ATTACHED: {_F.REMOVED: _F.ATTACHED},
    FileEvent.LINK: {_F.STORED: _F.LINKED},
    FileEvent.PROMOTED: {_F.LINKED: _F.PERMANENT},
    FileEvent.RELEASE: {_F.LINKED: _F.DELETING, _F.PERMANENT: _F.DELETING},
    FileEvent.DESTROYED: {_F.DELETING: _F.DELETED},
}

UNFINISHED = frozenset({_F.RECEIVING, _F.CHECKING, _F.STORING})
"""States in which a save has to wait for the file; a rejected file never blocks."""

LISTED = UNFINISHED | {_F.STORED, _F.REJECTED, _F.ATTACHED}
"""States in which a file has a position in a list."""

SPOOLED = UNFINISHED | {_F.REJECTED}
"""States in which the file's bytes may still be needed from the spool."""

VISIBLE = LISTED | {_F.REMOVED}
"""States shown in the browser: the lists and the removed files."""


def sources(event: DraftEvent | FileEvent) -> list[str]:
    """Return the states `event` may start from."""
    return [source for source, _ in _moves(event)]


def target(event: DraftEvent | FileEvent) -> str:
    """Return the one state `event` leads to."""
    return _moves(event)[0][1]


def _moves(event: DraftEvent | FileEvent) -> Sequence[tuple[str, str]]:
    if isinstance(event, DraftEvent):
        return tuple(DRAFT_TRANSITIONS[event].items())
    return tuple(FILE_TRANSITIONS[event].items())
