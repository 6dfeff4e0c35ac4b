"""Check everything, on a machine that has nothing but Python.

    python3 -m tests                        linters, types, import contracts, then all tests
    python3 -m tests [pytest arguments]     only pytest, with these arguments; --full-counts: the counted, all rounds
    python3 -m tests soak [options]         break things for a long time; `--help` tells what

The first run installs what is missing: packages into `.venv`; Chromium, PostgreSQL and Redis with the system's
package manager.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from erp import bootstrap
from tests import services

CHECKS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "lint-imports": ["lint-imports", "--no-logo"],
    "mypy": ["mypy"],
    "pytest on PostgreSQL": ["python", "-m", "tests.on_postgresql"],
    "pytest in the browser": ["pytest", "tests/browser"],
    "pytest": ["pytest", "--ignore=tests/browser"],
}


def main() -> int:
    """Set up, then run what was asked for: the soak, some tests, or everything."""
    prepare()
    arguments = sys.argv[1:]
    if arguments[:1] == ["soak"]:
        return run([bootstrap.PYTHON, "-m", "tests.soak", *arguments[1:]])
    if arguments:
        return run([bootstrap.PYTHON.parent / "pytest", *arguments])
    return check_all()


def check_all() -> int:
    """Run every check even when another failed, and say how each ended.

    The longest runs in sight; beside it, on the other core, all others one after the other, each shown as it ends.
    """
    *others, longest = CHECKS
    with ThreadPoolExecutor(1) as beside:
        ending = [beside.submit(check, name) for name in others]
        ended = [check(longest, in_sight=True), *(check.result() for check in ending)]
    for name, passed, seconds, summary in sorted(ended, key=lambda check: list(CHECKS).index(check.name)):
        bootstrap.say(f"{name}: {'ok' if passed else 'FAILED'} after {seconds:.0f} s{summary and ': ' + summary}")
    return 0 if all(check.passed for check in ended) else 1


class Ended(NamedTuple):
    """How a check ended; `summary` is the line in which pytest counts."""

    name: str
    passed: bool
    seconds: float
    summary: str


def check(name: str, *, in_sight: bool = False) -> Ended:
    """Run one check inside the environment; what it prints is shown `in_sight` as it comes, else in one piece."""
    program, *options = CHECKS[name]
    began, lines = time.monotonic(), [f"\n--- {name}\n"]
    command = [str(bootstrap.PYTHON.parent / program), *options]
    with subprocess.Popen(
        command, cwd=bootstrap.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        for line in running.stdout or ():
            lines.append(line)
            if in_sight:
                print(line, end="", flush=True)
    if not in_sight:
        bootstrap.say("".join(lines))
    counted = re.fullmatch(r"=+ (.* in .*) =+", lines[-1].strip())
    return Ended(name, running.returncode == 0, time.monotonic() - began, counted[1] if counted else "")


def prepare() -> None:
    """Install the packages and find the programs, side by side: both mostly wait for the network."""
    bootstrap.require_python()
    with ThreadPoolExecutor() as background:
        programs = background.submit(services.install_missing)
        bootstrap.install_missing("requirements-test.txt")
        programs.result()


def run(command: Sequence[str | Path]) -> int:
    """Run a command at the root of the repository and return its exit code."""
    return subprocess.run(command, cwd=bootstrap.ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
