"""The contract tests see what they are there to see: each planted defect turns one of them red."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from devtools.cloudinary_loopback.tests.defects import DEFECTS
from tests.verification.mutants import Mutant, planted


def contract_test(defect: Mutant, request: pytest.FixtureRequest) -> tuple[Any, dict[str, Any]]:
    """The test that must notice, with what it needs: fixtures that all these tests share."""
    test = defect.test()
    arguments = {name: request.getfixturevalue(name) for name in inspect.signature(test).parameters}
    return test, arguments


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_a_planted_defect_turns_its_test_red(defect: Mutant, request: pytest.FixtureRequest):
    test, arguments = contract_test(defect, request)

    with planted(defect), pytest.raises(AssertionError):
        test(**arguments)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_without_the_defect_it_is_green(defect: Mutant, request: pytest.FixtureRequest):
    test, arguments = contract_test(defect, request)

    test(**arguments)
