"""The environment that both commands create: when it counts as complete, and what it needs to be created."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from erp.launch import bootstrap

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with pins and an environment that holds them."""
    environment = tmp_path / ".venv"
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", environment)
    monkeypatch.setattr(bootstrap, "PYTHON", environment / "bin" / "python")
    monkeypatch.setattr(bootstrap, "INSTALLING", environment / "installing")
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").touch()
    (environment / "lib" / f"python{bootstrap.PYTHON_VERSION}" / "site-packages").mkdir(parents=True)
    bootstrap.stamp_of("requirements.txt").write_text(bootstrap.pins())
    return environment


def test_a_stamped_environment_is_used_as_it_is(environment: Path):
    assert bootstrap.is_installed("requirements.txt")
    assert not bootstrap.install_missing("requirements.txt")


def test_changed_pins_are_installed_anew(environment: Path):
    (environment.parent / "requirements.txt").write_text("django==5.2.1\n")

    assert not bootstrap.is_installed("requirements.txt")


def test_an_installation_that_was_cut_short_does_not_count(environment: Path):
    bootstrap.INSTALLING.touch()

    assert not bootstrap.is_installed("requirements.txt")
    assert bootstrap.is_unusable()


def test_an_environment_of_another_python_does_not_count(environment: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bootstrap, "PYTHON_VERSION", "3.99")

    assert bootstrap.is_unusable()


def test_other_requirements_need_a_stamp_of_their_own(environment: Path):
    assert not bootstrap.is_installed("requirements-test.txt")


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))

    with pytest.raises(SystemExit, match=r"Python 99\.0 or newer is needed"):
        bootstrap.require_python()


def test_both_commands_begin_with_nothing_but_the_standard_library():
    imports = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import erp.__main__, tests.__main__"
    started = subprocess.run([sys.executable, "-I", "-S", "-c", imports], capture_output=True, text=True)

    assert (started.returncode, started.stderr) == (0, "")


def test_a_mistyped_option_is_told_before_anything_is_installed():
    started = subprocess.run([sys.executable, "-m", "erp", "--prot", "1"], cwd=ROOT, capture_output=True, text=True)

    assert started.returncode == 2
    assert "unrecognized arguments: --prot" in started.stderr


def test_every_pin_carries_a_hash_and_no_index_is_named():
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (ROOT / name).read_text()
        pins = [line for line in text.splitlines() if "==" in line]

        assert pins
        assert all(line.endswith("\\") for line in pins)
        assert not [line for line in text.splitlines() if line.startswith(("--index", "--extra-index", "--find-links"))]
