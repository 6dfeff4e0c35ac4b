"""Each planted defect fails the contract test that exists to catch it."""

from __future__ import annotations

import inspect

import pytest

from devtools.cloudinary_loopback.tests.defects import DEFECTS, Defect
from tests.verification.mutants import planted


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_a_planted_defect_turns_its_test_red(defect: Defect, request: pytest.FixtureRequest):
    test = defect.test()
    arguments = {name: request.getfixturevalue(name) for name in inspect.signature(test).parameters}

    with planted(defect), pytest.raises(AssertionError):
        test(**arguments)
