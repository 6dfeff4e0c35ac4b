"""Lines of the table for tests: the counted ones with all their rounds, the planted errors, and those of devtools."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.soak.checker import Findings
from tests.soak.phase import Row
from tests.support.servers.server import ROOT

MUTANTS = "tests/verification/test_mutants.py"
APART = {
    "store-faults": ["tests/verification/test_store_faults.py", "tests/uploads/stores/cloudinary/test_faults.py"],
    "simulation": ["tests/verification/test_simulation.py"],
    "model": ["tests/verification/test_grace_model.py"],
    "histories": ["tests/verification/test_random_histories.py"],
}
"""Counted tests that take long enough to have a line of their own."""
DEVTOOLS = [sys.executable, "-m", "pytest", "devtools"]
SQLITE = [sys.executable, "-m", "pytest", "--full-counts"]
THE_OTHERS = [*SQLITE, *(f"--ignore={module}" for modules in APART.values() for module in modules)]
POSTGRESQL = [sys.executable, "-m", "tests.run.on_postgresql", "--full-counts"]

COUNTS: dict[str, dict[str, list[str]]] = {
    **{name: {f"{name.replace('-', ' ')}, all rounds, SQLite": [*SQLITE, *modules]} for name, modules in APART.items()},
    "races": {
        "races and random histories, all rounds, PostgreSQL": POSTGRESQL,
        "races, clocks, saves without an answer, all rounds, SQLite": THE_OTHERS,
    },
    "mutants": {
        "planted errors M1-M18, SQLite": [sys.executable, "-m", "pytest", MUTANTS],
        "planted errors M1-M18, PostgreSQL": [sys.executable, "-m", "tests.run.on_postgresql", MUTANTS],
    },
}


def count(wants: Callable[[str], bool], tell: Callable[[Row], None], times: int) -> None:
    """Run the requested tests, two in parallel, with all rounds `times` times, and report each as it ends."""
    wanted = [run for name, runs in COUNTS.items() if wants(name) for run in runs.items()]
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda run: tell(counted(run[0], [*run[1], f"--times={times}"])), wanted):
            pass
    if wants("devtools"):
        tell(counted("tests of the loopback Cloudinary", DEVTOOLS))


def counted(title: str, command: list[str]) -> Row:
    """Run the tests and print what they counted. The row's count is the number of passed tests."""
    began = time.monotonic()
    ended = subprocess.run([*command, "-q"], cwd=ROOT, capture_output=True, text=True)
    passed = re.search(r"(\d+) passed", ended.stdout)
    counts = ended.stdout.rpartition(" counts =")[2].splitlines()[1:-1]
    print(*counts, sep="\n", flush=True)
    wrong = [] if ended.returncode == 0 else [f"{command}:\n{(ended.stdout + ended.stderr)[-4000:]}"]
    return Row(title, int(passed[1]) if passed else 0, Findings(wrong=wrong), time.monotonic() - began)
