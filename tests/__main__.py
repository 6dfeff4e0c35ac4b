"""Check everything, on a machine that has nothing but Python.

    python3 -m tests                        linters, types, import contracts, then all tests
    python3 -m tests [pytest arguments]     only pytest, with these arguments; --full-counts: the counted, all rounds
    python3 -m tests soak [options]         break things for a long time; `--help` tells what

The first run installs what is missing: packages into `.venv`; Chromium, PostgreSQL and Redis with the system's
package manager.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from erp import bootstrap
from tests import services

# pytest comes last, so that its closing line is found near the end of a log.
CHECKS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "lint-imports": ["lint-imports", "--no-logo"],
    "pytest on PostgreSQL": ["python", "-m", "tests.on_postgresql"],
    "pytest": ["pytest"],
}


def main() -> int:
    """Set up, then run every check even when an earlier one failed, and say how each ended."""
    prepare()
    arguments = sys.argv[1:]
    if arguments[:1] == ["soak"]:
        return subprocess.run([bootstrap.PYTHON, "-m", "tests.soak", *arguments[1:]], cwd=bootstrap.ROOT).returncode
    if arguments:
        return run("pytest", arguments)
    passed = {}
    for name in CHECKS:
        bootstrap.say(f"\n--- {name}")
        passed[name] = run(name) == 0
    bootstrap.say("")
    for name in CHECKS:
        bootstrap.say(f"{name}: {'ok' if passed[name] else 'FAILED'}")
    return 0 if all(passed.values()) else 1


def prepare() -> None:
    """Install the packages and find the programs, side by side: both mostly wait for the network."""
    bootstrap.require_python()
    with ThreadPoolExecutor() as background:
        programs = background.submit(services.install_missing)
        bootstrap.install_missing("requirements-test.txt")
        programs.result()


def run(name: str, arguments: Sequence[str] = ()) -> int:
    """Run one check inside the environment and return its exit code."""
    program, *options = CHECKS[name]
    command = [str(bootstrap.PYTHON.parent / program), *options, *arguments]
    return subprocess.run(command, cwd=bootstrap.ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
