"""Runs the JavaScript unit tests with the Node that requirements-test.txt pins."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.run.npm import NODE

ROOT = Path(__file__).resolve().parents[2]


def test_the_javascript_unit_tests_pass():
    tests = sorted((ROOT / "tests" / "static").rglob("*.test.js"))
    finished = subprocess.run([NODE, "--test", *tests], cwd=ROOT, capture_output=True, text=True)

    assert tests
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_module_asks_for_its_types_to_be_checked():
    modules = sorted((ROOT / "static").rglob("*.js"))

    assert [path.name for path in modules if "// @ts-check" not in path.read_text().splitlines()[:3]] == []
