"""The checks of the whole suite and of `fast`, and running several of them in parallel."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from erp.launch import bootstrap
from tests.run import devtools

Checks = Mapping[str, Sequence[str]]
"""The program and arguments of each check, by the check's name."""

BROWSER_RUNS = 4
"""The runs share out the modules. Half of them start at once, the others as soon as nothing else is left to start."""
NO_UNIT_TESTS = ["tests/browser", "tests/soak", "tests/verification", "tests/fuzz"]
TIMED = "pytest of times"
"""Runs alone before the others, because parallel work would distort its measurements."""
LINTERS: Checks = {
    "mypy": ["mypy"],
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "lint-imports": ["lint-imports", "--no-logo"],
    "front end types": ["python", "-m", "tests.run.npm", "--silent", "run", "check"],
    "front end lint": ["python", "-m", "tests.run.npm", "--silent", "run", "lint"],
    "built files are current": ["python", "-m", "tests.run.npm", "--silent", "run", "current"],
}
FAST: Checks = {
    "unit tests": ["pytest", "--fast", *(f"--ignore={folder}" for folder in NO_UNIT_TESTS)],
    **LINTERS,
}
WAITING = {"pytest of servers": ["tests/consumers"], "pytest of faults": ["tests/soak"]}
"""They mostly wait, for servers to start and clocks to run out. Started first, they leave their core to the others."""
COUNTING = ["tests/verification", "tests/fuzz", "tests/uploads/images"]
"""The counted engines at their fixed fractions, and the corpus of images; they are CPU-bound."""


def _everything_else() -> list[str]:
    elsewhere = ["tests/browser", *COUNTING, *(folder for folders in WAITING.values() for folder in folders)]
    return [f"--ignore={folder}" for folder in elsewhere]


DEVTOOLS: Checks = {"pytest of devtools": ["pytest", "devtools"]}
"""Runs if devtools/ changed, in the soak, and on request."""
OTHERS: Checks = {
    **{name: ["pytest", *folders] for name, folders in WAITING.items()},
    "pytest": ["pytest", *_everything_else()],
    "pytest of counts and images": ["pytest", *COUNTING],
    "pytest on PostgreSQL": ["python", "-m", "tests.run.on_postgresql"],
    **LINTERS,
}
MEASURED: Checks = {TIMED: ["pytest", "-m", "timed", "tests/browser"]}
IN_SIGHT = ("pytest", "unit tests")
"""Their output is shown as it comes; that of the others as a whole when they end."""
CORES = 2
AT_ONCE = 4
"""Parallel checks on the two cores of a small machine: tests wait half of the time, for a server or a clock."""


def every_check(folder: Path, others: Checks = OTHERS) -> Checks:
    """Return all checks in the order in which they start; both cores stay busy until the last test module ends.

    The browser runs share out their modules in the empty `folder`.
    """
    shared = ["pytest", "-m", "not timed", "--shared-out", str(folder), "tests/browser"]
    browser = [(f"pytest in the browser, run {run}", shared) for run in range(1, BROWSER_RUNS + 1)]
    half = BROWSER_RUNS // 2
    return dict([*browser[:half], *others.items(), *browser[half:]])


class Ended(NamedTuple):
    """The result of a check; `summary` is the line in which pytest counts."""

    name: str
    passed: bool
    seconds: float
    summary: str


def check_all() -> int:
    """Run everything: first, alone, what is measured. That also creates what all servers start as a copy of."""
    with TemporaryDirectory(prefix="prepared-") as prepared, TemporaryDirectory(prefix="taken-") as taken:
        os.environ["PREPARED"] = prepared
        others = {**OTHERS, **DEVTOOLS} if devtools.changed(bootstrap.ROOT) else OTHERS
        return told([*run_checks(MEASURED, 1), *run_checks(every_check(Path(taken), others), AT_ONCE)])


def check_fast() -> int:
    """Run what needs no browser and no server: unit tests, which keep one core busy, and linters in parallel."""
    return told(run_checks(FAST, CORES))


def told(ended: Sequence[Ended]) -> int:
    """Print how each check ended; return the exit code."""
    for name, passed, seconds, summary in ended:
        bootstrap.say(f"{name}: {'ok' if passed else 'FAILED'} after {seconds:.0f} s{summary and ': ' + summary}")
    return 0 if all(check.passed for check in ended) else 1


def run_checks(checks: Checks, at_once: int) -> list[Ended]:
    """Run every check even if another failed, this many in parallel."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(check, checks, checks.values()))


def check(name: str, command: Sequence[str]) -> Ended:
    """Run one check inside the environment and show its output."""
    program, *options = command
    began, lines = time.monotonic(), [f"\n--- {name}\n"]
    with subprocess.Popen(
        [str(bootstrap.PYTHON.parent / program), *options],
        cwd=bootstrap.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        for line in running.stdout or ():
            lines.append(line)
            if name in IN_SIGHT:
                print(line, end="", flush=True)
    if name not in IN_SIGHT:
        bootstrap.say("".join(lines))
    counted = re.fullmatch(r"=+ (.* in .*) =+", lines[-1].strip())
    return Ended(name, running.returncode == 0, time.monotonic() - began, counted[1] if counted else "")
