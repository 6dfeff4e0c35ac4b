"""What it means when the database fails."""

from __future__ import annotations

import sqlite3

from django.db import InterfaceError, InternalError, OperationalError

DATABASE_DOWN = (OperationalError, InterfaceError, InternalError)
"""A database that is away, restarts or waited too long for a lock; the last is a transaction that hung (PostgreSQL)."""

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's name for a lock that was waited for in vain."""


def somebody_holds_it(failure: Exception) -> bool:
    """Whether the database did answer, but somebody else was changing the same all the time."""
    cause = failure.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) == LOCK_NOT_AVAILABLE
