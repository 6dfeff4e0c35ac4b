"""Runs the JavaScript unit tests with the Node that the Playwright package brings along."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import playwright
import pytest

from erp.javascript import minified, with_short_private_names

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(playwright.__file__).parent / "driver" / "node"


@pytest.fixture(params=["as written", "as sent"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the modules and their tests are: the repository, or a copy whose modules are as a browser gets them."""
    if request.param == "as written":
        return ROOT
    for folder in ("static/manage_files", "tests/static"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for module in (tmp_path / "static").rglob("*.js"):
        module.write_text(minified(with_short_private_names(module.read_text())))
    return tmp_path


def test_the_javascript_unit_tests_pass(root: Path):
    tests = sorted((root / "tests" / "static").rglob("*.test.js"))
    finished = subprocess.run([NODE, "--test", *tests], cwd=root, capture_output=True, text=True)

    assert tests
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_module_asks_for_its_types_to_be_checked():
    modules = sorted((ROOT / "static").rglob("*.js"))

    assert [path.name for path in modules if "// @ts-check" not in path.read_text().splitlines()[:3]] == []
