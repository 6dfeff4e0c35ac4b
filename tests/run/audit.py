"""Check everything that is pinned against published advisories.

    python3 -m tests audit      exit status 0: no advisory; 1: an advisory; 2: could not check

Not part of the suite, because the result depends on the day, not on the code. Both programs fail in the same way when
they find something and when they cannot check, and by default pip-audit passes what it could not look up. So their
output decides: one that does not name what was checked does not count.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from erp.launch import bootstrap
from tests.run.npm import NODE, NPM

SECONDS = 300


class Status(IntEnum):
    """The exit status; the worst of all applies."""

    NOTHING_KNOWN = 0
    ADVISORY = 1
    NOT_LOOKED = 2


class Found(NamedTuple):
    """The findings of one of the programs, as sentences."""

    status: Status
    lines: list[str]


def in_python(output: str) -> Found:
    """Parse the JSON output of pip-audit."""
    told = _object(output)
    packages = told.get("dependencies") or []
    skipped = [f"{one.get('name')}: {one['skip_reason']}" for one in packages if "skip_reason" in one]
    if not packages or skipped or not all("vulns" in one for one in packages):
        return Found(Status.NOT_LOOKED, skipped)
    known = [
        f"{one['name']} {one['version']}: {advisory['id']}, fixed in {', '.join(advisory['fix_versions']) or 'none'}"
        for one in packages
        for advisory in one["vulns"]
    ]
    return Found(Status.ADVISORY if known else Status.NOTHING_KNOWN, known or [f"{len(packages)} packages"])


def in_javascript(output: str) -> Found:
    """Parse the JSON output of ``npm audit``."""
    told = _object(output)
    total = told.get("metadata", {}).get("dependencies", {}).get("total", 0)
    if "auditReportVersion" not in told or not total:
        return Found(Status.NOT_LOOKED, [str(told["message"])] if "message" in told else [])
    known = [f"{name}: {one['severity']}" for name, one in told.get("vulnerabilities", {}).items()]
    return Found(Status.ADVISORY if known else Status.NOTHING_KNOWN, known or [f"{total} packages"])


def _object(output: str) -> dict[str, Any]:
    try:
        told = json.loads(output)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


PIP_AUDIT = [
    str(bootstrap.PYTHON.parent / "pip-audit"),
    "--strict",
    "--require-hashes",
    "--disable-pip",
    "--desc",
    "off",
]
LOOKS: dict[str, tuple[Sequence[str], Callable[[str], Found]]] = {
    # It contains all of requirements.txt too, in the same versions.
    "requirements-test.txt": (
        [*PIP_AUDIT, "--progress-spinner", "off", "-f", "json", "-r", "requirements-test.txt"],
        in_python,
    ),
    "package-lock.json": ([str(NODE), str(NPM), "audit", "--package-lock-only", "--json"], in_javascript),
}


def look(name: str, command: Sequence[str], read: Callable[[str], Found]) -> Status:
    """Run one program and return its findings."""
    try:
        ended = subprocess.run(command, cwd=bootstrap.ROOT, capture_output=True, text=True, timeout=SECONDS)
        found, complaint = read(ended.stdout), ended.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        found, complaint = Found(Status.NOT_LOOKED, []), str(error)
    print(f"{name}: {SENTENCES[found.status]}", *found.lines, sep="\n  ")
    if found.status == Status.NOT_LOOKED and complaint:
        print(complaint, file=sys.stderr)
    return found.status


SENTENCES = {
    Status.NOTHING_KNOWN: "no advisory is known.",
    Status.ADVISORY: "advisories are known. Move to a version that is fixed (the .in files say how).",
    Status.NOT_LOOKED: "could not be looked up, so nothing is known about it. This needs the network and the "
    "advisory service of the package registry; run it again where both can be reached.",
}


def main() -> int:
    """Check everything, whatever was found before."""
    return max(look(name, command, read) for name, (command, read) in LOOKS.items())


if __name__ == "__main__":
    sys.exit(main())
