"""Check everything, on a machine that has nothing but Python.

    python3 -m tests                        linters, types, import contracts, then all tests
    python3 -m tests [pytest arguments]     only pytest, with these arguments; --full-counts: the counted, all rounds
    python3 -m tests soak [options]         break things for a long time; `--help` tells what
    python3 -m tests fuzz [options]         try what is changed at random; `--help` tells what
    python3 -m tests mutants [options]      plant each known error: a test must turn red; options of pytest, -k S19
    python3 -m tests devtools               the tests of devtools/, which everything includes if that folder changed
    python3 -m tests audit                  hold what is pinned against published advisories; 2: it could not look

The first run installs what is missing: packages and Node into `.venv`, the front end's tools into `node_modules`;
Chromium, PostgreSQL, Redis and nginx with the system's package manager.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from erp.launch import bootstrap
from tests.run import devtools
from tests.support.servers.programs import install_missing as install_programs

IN_THE_BROWSER = sorted(
    str(path.relative_to(bootstrap.ROOT)) for path in Path(__file__).parent.glob("browser/test_*.py")
)
OF_SERVERS = ["tests/consumers", "tests/soak"]
"""They mostly wait: for servers that start, clocks that run out."""
TIMED = "pytest of times"
"""It runs before the others, alone: what else runs would be measured with it."""
DEVTOOLS = "pytest of devtools"
"""Runs if devtools/ changed, in the soak, and on request."""
CHECKS = {
    TIMED: ["pytest", "-m", "timed", "tests/browser"],
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "lint-imports": ["lint-imports", "--no-logo"],
    # The longest first, in parts that can go on side by side.
    "pytest in the browser": ["pytest", "-m", "not timed", *IN_THE_BROWSER[::2]],
    "pytest in the browser, the other half": ["pytest", "-m", "not timed", *IN_THE_BROWSER[1::2]],
    "pytest": ["pytest", *(f"--ignore={folder}" for folder in ["tests/browser", *OF_SERVERS])],
    "pytest of servers": ["pytest", *OF_SERVERS],
    "pytest on PostgreSQL": ["python", "-m", "tests.run.on_postgresql"],
    DEVTOOLS: ["pytest", "devtools"],
    "mypy": ["mypy"],
    "front end types": ["python", "-m", "tests.run.npm", "--silent", "run", "check"],
    "front end lint": ["python", "-m", "tests.run.npm", "--silent", "run", "lint"],
    "built files are current": ["python", "-m", "tests.run.npm", "--silent", "run", "current"],
}
COMMANDS = {
    "soak": ["tests.soak"],
    "devtools": ["pytest", "devtools"],
    "fuzz": ["tests.fuzz"],
    "mutants": ["pytest", "tests/verification/test_mutants.py"],
    "audit": ["tests.run.audit"],
}
"""What is run only when it is asked for by name."""
IN_SIGHT = "pytest"
"""What it prints is shown as it comes; the others' in one piece as they end."""
AT_ONCE = 3
"""Of the checks, on the two cores of a small machine: tests wait half of their time, for a server or a clock."""


def main() -> int:
    """Set up, then run what was asked for: a command of its own, some tests, or everything."""
    arguments = sys.argv[1:]
    prepare(front_end=not arguments or any("static" in argument for argument in arguments))
    if arguments[:1] and arguments[0] in COMMANDS:
        return run([bootstrap.PYTHON, "-m", *COMMANDS[arguments[0]], *arguments[1:]])
    if arguments:
        return run([bootstrap.PYTHON.parent / "pytest", *arguments])
    return check_all()


def check_all() -> int:
    """Run every check even when another failed, some at once; say how each ended."""
    with ThreadPoolExecutor(AT_ONCE) as pool, TemporaryDirectory(prefix="prepared-") as prepared:
        os.environ["PREPARED"] = prepared
        others = CHECKS.keys() - {TIMED} - (set() if devtools.changed(bootstrap.ROOT) else {DEVTOOLS})
        ended = [check(TIMED), *pool.map(check, [name for name in CHECKS if name in others])]
    for name, passed, seconds, summary in ended:
        bootstrap.say(f"{name}: {'ok' if passed else 'FAILED'} after {seconds:.0f} s{summary and ': ' + summary}")
    return 0 if all(check.passed for check in ended) else 1


class Ended(NamedTuple):
    """How a check ended; `summary` is the line in which pytest counts."""

    name: str
    passed: bool
    seconds: float
    summary: str


def check(name: str) -> Ended:
    """Run one check inside the environment and show what it prints."""
    program, *options = CHECKS[name]
    began, lines = time.monotonic(), [f"\n--- {name}\n"]
    command = [str(bootstrap.PYTHON.parent / program), *options]
    with subprocess.Popen(
        command, cwd=bootstrap.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        for line in running.stdout or ():
            lines.append(line)
            if name == IN_SIGHT:
                print(line, end="", flush=True)
    if name != IN_SIGHT:
        bootstrap.say("".join(lines))
    counted = re.fullmatch(r"=+ (.* in .*) =+", lines[-1].strip())
    return Ended(name, running.returncode == 0, time.monotonic() - began, counted[1] if counted else "")


def prepare(*, front_end: bool) -> None:
    """Install the packages and find the programs, side by side: both mostly wait for the network.

    With `front_end` also what its checks need; other tests run where no registry of its tools can be reached.
    """
    bootstrap.require_python()
    with ThreadPoolExecutor() as background:
        programs = background.submit(install_programs)
        bootstrap.install_missing("requirements-test.txt")
        if front_end and run([bootstrap.PYTHON, "-m", "tests.run.npm", "install"]) != 0:
            sys.exit(1)
        programs.result()


def run(command: Sequence[str | Path]) -> int:
    """Run a command at the root of the repository and return its exit code."""
    return subprocess.run(command, cwd=bootstrap.ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
