"""The design of grace, searched: every reachable state keeps the promises, and every planted error is found.

docs/guarantees.md says what the model covers and what it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.run.counts import Counted
from tests.verification.grace_search import MUTANTS, search
from tests.verification.grace_state import Rules

SEARCHES = {
    "two tabs, nothing fails": Rules(tabs=2, faults=0),
    "one tab, one fault": Rules(tabs=1, faults=1),
    "two files, nothing fails": Rules(files=2, tabs=1, faults=0),
    # Too large for every run.
    "two tabs, one fault": Rules(tabs=2, faults=1),
    "one tab, two faults": Rules(tabs=1, faults=2),
    "two files, one fault": Rules(files=2, tabs=1, faults=1),
    "two tabs, two faults": Rules(tabs=2, faults=2),
}
SMALL = 3


def test_no_reachable_state_breaks_a_promise(counted: Counted, report: Callable[[object], None]):
    for name, rules in list(SEARCHES.items())[: counted(SMALL, len(SEARCHES))]:
        found = search(rules)

        assert found.broken == "", (name, found.history)
        extent = "all there are" if found.whole else f"all within {found.depth} steps"
        report(f"{name}: {found.states:,} states, {extent}, nothing broken")


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_search_finds_every_planted_error(mutant: str):
    found = search(Rules(tabs=1, faults=MUTANTS[mutant], mutant=mutant))

    assert found.broken, f"{found.states} states do not show it"
    print(f"\n{mutant}: {found.broken}, after {' / '.join(found.history)}")


def test_a_commit_of_a_half_deleted_set_is_found_with_two_files():
    found = search(Rules(files=2, tabs=1, faults=0, mutant="M11 commit from EXPIRING"))

    assert found.broken
