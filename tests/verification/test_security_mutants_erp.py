"""Guards that are settings: removing one makes a test fail; those in code are planted by `test_mutants`."""

from __future__ import annotations

import inspect

import pytest
from pytest_django import Settings

from tests.erp import test_settings
from tests.verification.mutants import Mutant
from tests.verification.security_mutants_erp import LINES, MUTANTS, SETTINGS, WrongLine, WrongSetting
from tests.verification.test_mutants import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("wrong", SETTINGS, ids=lambda wrong: wrong.id)
def test_a_guard_that_is_a_setting_is_missed(wrong: WrongSetting, request: pytest.FixtureRequest, settings: Settings):
    arguments = arguments_of(wrong, request)
    setattr(settings, wrong.setting, wrong.value)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(wrong.test(), arguments)


ASK = """
import json, types
from pathlib import Path
path = Path("erp/settings.py").resolve()
text = path.read_text()
assert text.count({old!r}) == 1
s = types.ModuleType("erp.settings")
s.__file__ = str(path)
exec(compile(text.replace({old!r}, {new!r}), path, "exec"), vars(s))
print(json.dumps({{name: getattr(s, name) for name in %r}}, default=str))
"""


@pytest.mark.parametrize("wrong", LINES, ids=lambda wrong: wrong.id)
def test_a_guard_that_is_a_line_of_the_settings_is_missed(
    wrong: WrongLine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(test_settings, "ASK", ASK.format(old=wrong.old, new=wrong.new))

    with pytest.raises(AssertionError):
        run(wrong.test(), arguments_of(wrong, request))


@pytest.mark.parametrize("guard", [*MUTANTS, *SETTINGS, *LINES], ids=lambda guard: guard.id)
def test_with_its_guard_the_test_is_green(guard: Mutant | WrongSetting | WrongLine, request: pytest.FixtureRequest):
    """Here too, outside its own folder; otherwise it would fail for another reason."""
    run(guard.test(), arguments_of(guard, request))


def arguments_of(guard: Mutant | WrongSetting | WrongLine, request: pytest.FixtureRequest) -> dict[str, object]:
    return {name: request.getfixturevalue(name) for name in inspect.signature(guard.test()).parameters}
