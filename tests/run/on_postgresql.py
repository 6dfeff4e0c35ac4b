"""Run the tests of `uploads` that use a database on a separate PostgreSQL instead of SQLite.

    python -m tests.run.on_postgresql [pytest arguments]      inside the environment, see `python3 -m tests`

With ``--full-counts``, here as with pytest itself, only races and random histories run, with all of their rounds.
Without arguments, planted errors that any database shows are left to the run on SQLite; the soak plants all of them.
"""

from __future__ import annotations

import os
import sys

import pytest

from tests.support.servers.postgres import PostgreSQL
from tests.verification.mutants import Mutant

WHAT = [
    "tests/erp/web/test_sign_in.py",
    "tests/uploads/drafts/test_colleagues.py",
    "tests/uploads/drafts/test_commit.py",
    "tests/uploads/drafts/test_commit_edit.py",
    "tests/uploads/drafts/test_form_state.py",
    "tests/uploads/drafts/test_keeping.py",
    "tests/uploads/drafts/test_kept_text.py",
    "tests/uploads/drafts/test_lifecycle.py",
    "tests/uploads/drafts/test_unsaved.py",
    "tests/uploads/expiry/test_circuit_breaker.py",
    "tests/uploads/expiry/test_set_grace.py",
    "tests/uploads/expiry/test_sweeper.py",
    "tests/uploads/files/test_operations.py",
    "tests/uploads/files/test_admission.py",
    "tests/uploads/grace/test_disconnections.py",
    "tests/uploads/grace/test_clock.py",
    "tests/uploads/jobs/test_late_effects.py",
    "tests/uploads/jobs/test_promote.py",
    "tests/uploads/jobs/test_runner.py",
    "tests/uploads/presence/test_polling.py",
    "tests/uploads/presence/test_races.py",
    "tests/uploads/presence/test_sockets.py",
    "tests/uploads/runtime/test_heartbeat.py",
    "tests/uploads/test_api.py",
    "tests/verification/test_mutants.py",
    "tests/verification/test_random_histories.py",
    "tests/verification/test_sealed_files.py",
    "tests/verification/test_stale_writers.py",
]
"""Tests of row locks, conditional changes and concurrent reads; the others do not depend on the database."""


class OnlyWhatUsesADatabase:
    """A pytest plugin. Tests that start servers choose their database themselves."""

    def __init__(self, *, every_mutant: bool) -> None:
        self._every_mutant = every_mutant

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._uses_one(item)]

    def _uses_one(self, item: pytest.Item) -> bool:
        if isinstance(item, pytest.Function) and not self._every_mutant:
            mutant = item.callspec.params.get("mutant") if hasattr(item, "callspec") else None
            if isinstance(mutant, Mutant) and mutant.engine is None:
                return False
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"make_server", "server"}:
            return False
        return bool(fixtures & {"db", "transactional_db"}) or item.get_closest_marker("django_db") is not None


def main() -> int:
    """Run pytest; return its exit code."""
    postgresql = PostgreSQL(durable=False).start()
    os.environ["DATABASE_URL"] = postgresql.url()
    arguments = sys.argv[1:]
    everything = all(argument.startswith("-") for argument in arguments)
    if everything:
        arguments += WHAT
    try:
        return pytest.main(arguments, plugins=[OnlyWhatUsesADatabase(every_mutant=not everything)])
    finally:
        postgresql.remove()


if __name__ == "__main__":
    sys.exit(main())
