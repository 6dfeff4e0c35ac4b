from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from erp.web.database_errors import is_lock_timeout


def raised_for(cause: Exception) -> OperationalError:
    """Return Django's exception for an error of the database driver."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def test_a_lock_of_sqlite_that_was_waited_for_in_vain_is_somebody_elses(tmp_path: Path):
    path = tmp_path / "database"
    with sqlite3.connect(path) as one, sqlite3.connect(path, timeout=0) as other:
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("BEGIN IMMEDIATE")
    one.close()
    other.close()

    assert is_lock_timeout(raised_for(locked.value))


def test_so_is_one_of_postgresql():
    assert is_lock_timeout(raised_for(psycopg.errors.LockNotAvailable()))


@pytest.mark.parametrize("cause", [sqlite3.OperationalError("disk I/O error"), psycopg.OperationalError("gone")])
def test_a_database_that_does_not_answer_is_held_by_nobody(cause: Exception):
    assert not is_lock_timeout(raised_for(cause))
