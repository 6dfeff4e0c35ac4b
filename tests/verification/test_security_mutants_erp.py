"""Every guard of accounts, sessions, origins and browsers, taken out, turns a test near it red."""

from __future__ import annotations

import inspect

import pytest
from pytest_django import Settings

from tests.verification.mutants import Mutant, planted
from tests.verification.security_mutants_erp import MUTANTS, SETTINGS, WrongSetting
from tests.verification.test_mutants import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_guard_of_code_is_missed(mutant: Mutant, request: pytest.FixtureRequest):
    arguments = arguments_of(mutant, request)

    with planted(mutant), pytest.raises((AssertionError, pytest.fail.Exception)):
        run(mutant.test(), arguments)


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


def test_no_two_guards_have_one_name():
    names = [*(mutant.id for mutant in MUTANTS), *(wrong.id for wrong in SETTINGS)]

    assert len(names) == len(set(names))
