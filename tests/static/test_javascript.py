"""Runs the JavaScript unit tests with the Node that the Playwright package brings along."""

from __future__ import annotations

import subprocess
from pathlib import Path

import playwright

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(playwright.__file__).parent / "driver" / "node"


def test_the_javascript_unit_tests_pass():
    tests = sorted((ROOT / "tests" / "static").rglob("*.test.js"))
    finished = subprocess.run([NODE, "--test", *tests], cwd=ROOT, capture_output=True, text=True)

    assert tests
    assert finished.returncode == 0, finished.stdout + finished.stderr
