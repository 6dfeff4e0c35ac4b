"""The only code that writes the state of a draft or a file.

Each transition is one conditional UPDATE by the tables of `uploads.core.states`. Its row count says who won a race.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet

from uploads.core import states
from uploads.core.states import DraftEvent, FileEvent
from uploads.models import Draft, File

Row = TypeVar("Row", Draft, File)


class IllegalMove(Exception):
    """A locked row cannot make this transition: a bug, and a reason to roll back."""


def move(rows: QuerySet[Row], event: DraftEvent | FileEvent, **facts: Any) -> int:
    """Move those of `rows` in a source state of `event`, and set the columns `facts`; return how many moved."""
    return rows.filter(state__in=states.sources(event)).update(state=states.target(event), **facts)


def advance(row: Row, event: DraftEvent | FileEvent, **facts: Any) -> bool:
    """Move one row from the state in which it was read, and keep `row.state` in step.

    Returns False, with nothing written, if the table has no such transition or the row has changed state since.
    """
    if row.state not in states.sources(event):
        return False
    moved = type(row)._default_manager.filter(pk=row.pk, state=row.state).update(state=states.target(event), **facts)
    if moved:
        row.state = states.target(event)
    return bool(moved)


def advance_locked(row: Row, event: DraftEvent | FileEvent, **facts: Any) -> None:
    """Move a row whose lock the caller holds, as `advance` does. Raises `IllegalMove` if that is impossible."""
    if not advance(row, event, **facts):
        raise IllegalMove(f"{event} is not possible for {row}")
