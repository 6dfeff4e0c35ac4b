"""A database whose connection breaks during a COMMIT, before or after it took effect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import OperationalError, connection


@contextmanager
def cut_commit(*, counted: bool, down: int = 0) -> Iterator[None]:
    """Break the connection at this thread's next COMMIT; the next `down` attempts to reconnect fail too.

    `counted`: whether the COMMIT had taken effect, which the client cannot tell.
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
