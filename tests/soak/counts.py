"""What the suite runs a part of, with all its rounds, and the planted errors, as lines of the table."""

from __future__ import annotations

import re
import subprocess
import sys
import time

from tests.soak.checker import Findings
from tests.soak.phase import Row
from tests.support.server import ROOT

MUTANTS = "tests/uploads/test_mutants.py"
SQLITE = [sys.executable, "-m", "pytest"]
POSTGRESQL = [sys.executable, "-m", "tests.on_postgresql"]

COUNTS: dict[str, dict[str, list[str]]] = {
    "mutants": {
        "planted errors M1-M18, SQLite": [*SQLITE, MUTANTS],
        "planted errors M1-M18, PostgreSQL": [*POSTGRESQL, MUTANTS],
    },
    "races": {"races and random histories, all rounds, PostgreSQL": [*POSTGRESQL, "--full-counts"]},
    "counts": {"model, simulation, races, histories, store faults, all rounds, SQLite": [*SQLITE, "--full-counts"]},
}


def counted(title: str, command: list[str]) -> Row:
    """Run the tests and print what they counted. The row's times are the tests that passed."""
    began = time.monotonic()
    ended = subprocess.run([*command, "-q"], cwd=ROOT, capture_output=True, text=True)
    passed = re.search(r"(\d+) passed", ended.stdout)
    counts = ended.stdout.rpartition(" counts =")[2].splitlines()[1:-1]
    print(*counts, sep="\n", flush=True)
    wrong = [] if ended.returncode == 0 else [f"{command}:\n{(ended.stdout + ended.stderr)[-4000:]}"]
    return Row(title, int(passed[1]) if passed else 0, Findings(wrong=wrong), time.monotonic() - began)
