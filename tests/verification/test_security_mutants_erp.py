"""Guards that are settings, taken out, turn a test near them red; those of code are planted by `test_mutants`."""

from __future__ import annotations

import inspect

import pytest
from pytest_django import Settings

from tests.verification.mutants import Mutant
from tests.verification.security_mutants_erp import MUTANTS, SETTINGS, WrongSetting
from tests.verification.test_mutants import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("wrong", SETTINGS, ids=lambda wrong: wrong.id)
def test_a_guard_that_is_a_setting_is_missed(wrong: WrongSetting, request: pytest.FixtureRequest, settings: Settings):
    arguments = arguments_of(wrong, request)
    setattr(settings, wrong.setting, wrong.value)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(wrong.test(), arguments)


@pytest.mark.parametrize("guard", [*MUTANTS, *SETTINGS], ids=lambda guard: guard.id)
def test_with_its_guard_the_test_is_green(guard: Mutant | WrongSetting, request: pytest.FixtureRequest):
    """Here too, away from its own folder: else it would be red for another reason."""
    run(guard.test(), arguments_of(guard, request))


def arguments_of(guard: Mutant | WrongSetting, request: pytest.FixtureRequest) -> dict[str, object]:
    return {name: request.getfixturevalue(name) for name in inspect.signature(guard.test()).parameters}
