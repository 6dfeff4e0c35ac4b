"""The tests detect what they are there to detect: each planted error makes one of them fail."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from django.db import connection

from tests.verification.every_mutant import every_mutant
from tests.verification.mutants import Mutant, planted
from tests.verification.planted_errors import MUTANTS

pytestmark = pytest.mark.django_db(transaction=True)

VISIBLE_HERE = [mutant for mutant in every_mutant() if mutant.engine in (None, connection.vendor)]


@pytest.mark.parametrize("mutant", VISIBLE_HERE, ids=lambda mutant: mutant.id)
def test_a_planted_error_turns_its_test_red(mutant: Mutant, request: pytest.FixtureRequest):
    test = mutant.test()
    arguments = {name: request.getfixturevalue(name) for name in inspect.signature(test).parameters}

    with planted(mutant), pytest.raises((AssertionError, pytest.fail.Exception)):
        run(test, arguments)


def run(test: Any, arguments: dict[str, Any]) -> None:
    if inspect.iscoroutinefunction(test):
        asyncio.run(test(**arguments))
    else:
        test(**arguments)


def test_each_has_an_id_of_its_own():
    ids = [mutant.id for mutant in every_mutant()]
    assert len(set(ids)) == len(ids)


def test_all_eighteen_are_planted():
    assert [mutant.id for mutant in MUTANTS] == [f"M{number}" for number in range(1, 19)]
