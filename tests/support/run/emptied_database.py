"""Empty the test database after a test that committed, without recreating what no test changes.

Django's own `flush` deletes from every table and then recreates all content types and permissions, which takes longer
than most tests.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management.color import no_style
from django.db import connections
from django.test import TransactionTestCase

KEPT = ("django_content_type", "auth_permission")
"""Tables filled by migrations; none of our own apps does that."""

_kept_rows: dict[str, list[tuple[Any, ...]]] = {}
"""The rows of those tables, by database."""


def install(patch: pytest.MonkeyPatch) -> None:
    """Use this to empty databases from now on."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(test: Any) -> None:
        names = test._databases_names(include_mirrors=False)
        for name in names:
            if not _empty(name):
                flush(test)
                _kept_rows.clear()
                return

    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)


def _empty(name: str) -> bool:
    """Delete all other rows. False if a test changed the kept ones, which then have to be recreated."""
    connection = connections[name]
    with connection.cursor() as cursor:
        kept = [row for table in KEPT for row in _rows(cursor, table)]
        if kept != _kept_rows.setdefault(name, kept):
            return False
        tables = [table for table in _tables(connection) if _has_rows(cursor, table)]
    if tables:
        cascade = {"allow_cascade": connection.vendor == "postgresql"}
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, **cascade))
    return True


def _tables(connection: Any) -> list[str]:
    return [table for table in connection.introspection.django_table_names(only_existing=False) if table not in KEPT]


def _rows(cursor: Any, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - ours
    return list(cursor.fetchall())


def _has_rows(cursor: Any, table: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 - ours
    return bool(cursor.fetchone()[0])
