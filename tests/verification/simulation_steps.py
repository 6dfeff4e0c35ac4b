"""Real, synchronous code run as actors that pause between any two steps at the database or the store.

Every actor is a greenlet on the one database connection, so exactly one runs at a time. It yields before each statement
outside a transaction, before BEGIN, after COMMIT, and wherever the store or the spool says so; never inside a
transaction, where no other actor could see a difference. An actor that is never resumed was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from greenlet import GreenletExit, getcurrent, greenlet


class Actor:
    """One piece of work of one server."""

    def __init__(self, label: str, work: Callable[[], object]) -> None:
        self.label = label
        self.where = "begin"
        self.fails_at = ""
        """The kind of step to fail next: ``statement`` or ``store`` before its effect, ``commit`` or ``answer`` after
        it."""
        self.ready: Callable[[], bool] = lambda: True
        self.killed = False
        self.broke: Exception | None = None
        self._greenlet = greenlet(self._run)
        self._work = work

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the simulation reports it
            self.broke = error

    @property
    def ended(self) -> bool:
        return self.killed or self._greenlet.dead

    def step(self) -> None:
        """Run to the next step."""
        self._greenlet.actor = self
        self.ready = lambda: True
        self._greenlet.switch()

    def bury(self) -> None:
        """Free what a killed actor holds in this Python process; whatever it touches while unwinding is refused."""
        self.killed = True
        if self._greenlet:
            self._greenlet.throw(GreenletExit)

    def fails(self, at: str) -> bool:
        """Whether the failure planned for this kind of step happens now; it happens once."""
        if self.fails_at != at:
            return False
        self.fails_at = ""
        return True


def current() -> Actor | None:
    """The running actor; None in the simulation itself."""
    return getattr(getcurrent(), "actor", None)


def pause(where: str) -> None:
    """Yield. Others may run meanwhile, or the actor is never resumed."""
    actor = current()
    if actor is None:
        return
    if not actor.killed:
        actor.where = where
        parent = getcurrent().parent
        assert parent is not None
        parent.switch()
    if actor.killed:
        raise GreenletExit


def wait(ready: Callable[[], bool]) -> None:
    """Yield until `ready`."""
    actor = current()
    assert actor is not None
    actor.ready = ready
    pause("waiting")


@contextmanager
def stepping() -> Iterator[None]:
    """Make the database yield between transactions."""
    with connection.execute_wrapper(_statement):
        connection.run_and_clear_commit_hooks = _after_commit  # type: ignore[method-assign]
        try:
            yield
        finally:
            del connection.run_and_clear_commit_hooks


def _statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    actor = current()
    if actor is None or (connection.in_atomic_block and not actor.killed):
        return execute(sql, params, many, context)
    pause(sql.split(" ", 1)[0])
    if actor.fails("statement"):
        raise OperationalError("the database does not answer")
    result = execute(sql, params, many, context)
    if not sql.startswith(("SELECT", "BEGIN")) and actor.fails("commit"):
        raise OperationalError("the answer to an UPDATE was lost")
    return result


def _after_commit() -> None:
    actor, hooks = current(), connection.run_on_commit
    connection.run_on_commit = []
    pause("COMMIT")
    if actor is not None and actor.fails("commit"):
        connection.run_commit_hooks_on_set_autocommit_on = False
        raise OperationalError("the answer to COMMIT was lost")
    connection.run_on_commit = hooks
    BaseDatabaseWrapper.run_and_clear_commit_hooks(connections[DEFAULT_DB_ALIAS])
