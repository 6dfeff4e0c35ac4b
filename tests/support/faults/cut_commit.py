"""A database whose connection breaks in the moment of a COMMIT, before it counted or after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import OperationalError, connection


@contextmanager
def cut_commit(*, counted: bool, down: int = 0) -> Iterator[None]:
    """This thread's next COMMIT loses its connection; the next `down` tries to connect again fail too.

    `counted`: whether the database had carried it out. Whoever asked cannot tell.
    """
    database: Any = connection
    commit, connect = database._commit, database.get_new_connection
    cut, left = False, 0

    def broken_commit() -> None:
        nonlocal cut, left
        if cut:
            commit()
            return
        if counted:
            commit()
        cut, left = True, down
        connection.connection.close()
        raise OperationalError("server closed the connection unexpectedly")

    def slow_to_return(parameters: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            raise OperationalError("could not connect to server")
        return connect(parameters)

    with (
        patch.object(connection, "_commit", broken_commit),
        patch.object(connection, "get_new_connection", slow_to_return),
    ):
        yield
    assert cut, "nothing was committed"
