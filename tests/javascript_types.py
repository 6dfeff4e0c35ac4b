"""Hold the JavaScript to the types in its comments, where TypeScript is there; say so where it is not.

python3 -m tests.javascript_types     $TSC, else `tsc` on PATH (`npm install typescript` brings it)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Modules are read, not compiled: nothing is written, and Node's own types are not needed.
OPTIONS = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--skipLibCheck", "--types", ""]
LANGUAGE = [
    "--target",
    "esnext",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    "--lib",
    "esnext,dom,dom.iterable",
]


def main() -> int:
    """Check all modules; the exit status is that of TypeScript."""
    program = os.environ.get("TSC") or shutil.which("tsc")
    if program is None:
        print("NOT CHECKED: TypeScript is not here. Name its `tsc` in $TSC or put it on PATH.")
        return 0
    modules = sorted(str(path) for path in (ROOT / "static").rglob("*.js"))
    checked = subprocess.run([program, *OPTIONS, *LANGUAGE, *modules], cwd=ROOT)
    if checked.returncode == 0:
        print(f"{len(modules)} modules agree with their types")
    return checked.returncode


if __name__ == "__main__":
    sys.exit(main())
