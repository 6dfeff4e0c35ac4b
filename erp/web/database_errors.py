"""Classify failures of the database."""

from __future__ import annotations

import sqlite3

from django.db import InterfaceError, InternalError, OperationalError

DATABASE_DOWN = (OperationalError, InterfaceError, InternalError)
"""The database is down, restarting, or timed out waiting for a lock of a hung transaction (PostgreSQL)."""

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's error code for a lock timeout."""


def is_lock_timeout(failure: Exception) -> bool:
    """Whether the database did answer, but another transaction held the lock for too long."""
    cause = failure.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) == LOCK_NOT_AVAILABLE
