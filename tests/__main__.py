"""Check everything, on a machine that has only Python.

    python3 -m tests                        linters, types, import contracts and all tests: ten minutes
    python3 -m tests fast                   linters, types, import contracts and unit tests: a minute
    python3 -m tests [pytest arguments]     only pytest, with these arguments; --full-counts: counted tests in full
    python3 -m tests soak [options]         inject faults for a long time; see `--help`
    python3 -m tests fuzz [options]         send randomly changed input; see `--help`
    python3 -m tests mutants [options]      plant each known error: a test must fail; pytest options, such as -k S19
    python3 -m tests devtools               the tests of devtools/, run with everything if that folder changed
    python3 -m tests audit                  check pinned versions against published advisories; 2: could not check

The first run installs what is missing: packages and Node into `.venv`, the front end's tools into `node_modules`;
Chromium, PostgreSQL, Redis and nginx with the system's package manager.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from erp.launch import bootstrap
from tests.run.checks import check_all, check_fast
from tests.support.servers.programs import install_missing as install_programs

COMMANDS = {
    "soak": ["tests.soak"],
    "devtools": ["pytest", "devtools"],
    "fuzz": ["tests.fuzz"],
    "mutants": ["pytest", "tests/verification/test_mutants.py"],
    "audit": ["tests.run.audit"],
}
"""Commands that run only when requested by name."""


def main() -> int:
    """Set up, then run what was requested: a command, some tests, or everything."""
    arguments = sys.argv[1:]
    fast = arguments == ["fast"]
    prepare(front_end=fast or not arguments or any("static" in argument for argument in arguments), programs=not fast)
    if fast:
        return check_fast()
    if arguments[:1] and arguments[0] in COMMANDS:
        return run([bootstrap.PYTHON, "-m", *COMMANDS[arguments[0]], *arguments[1:]])
    if arguments:
        return run([bootstrap.PYTHON.parent / "pytest", *arguments])
    return check_all()


def prepare(*, front_end: bool, programs: bool) -> None:
    """Install the packages and find the programs in parallel, because both mostly wait for the network.

    With `front_end`, also install what its checks need; other tests run where the registry of its tools is unreachable.
    Without `programs`, browsers and servers are not looked for.
    """
    bootstrap.require_python()
    with ThreadPoolExecutor() as background:
        installing = background.submit(install_programs) if programs else None
        bootstrap.install_missing("requirements-test.txt")
        if front_end and run([bootstrap.PYTHON, "-m", "tests.run.npm", "install"]) != 0:
            sys.exit(1)
        if installing:
            installing.result()


def run(command: Sequence[str | Path]) -> int:
    """Run a command at the root of the repository and return its exit code."""
    return subprocess.run(command, cwd=bootstrap.ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
