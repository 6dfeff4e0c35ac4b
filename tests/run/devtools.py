"""Tell whether the tests of `devtools/` have to run: only when something there changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

FOLDER = "devtools"
MAIN = ("origin/main", "main")


def changed(root: Path) -> bool:
    """Return whether the folder differs from where this branch left main, or on main from the previous commit.

    Uncommitted changes count. True as well if Git cannot tell: no Git, no repository, or a shallow clone.
    """
    try:
        if _git(root, "rev-parse", "--is-shallow-repository") != "false":
            return True
        compared = _git(root, "diff", "--name-only", _base(root), "--", FOLDER)
        untracked = _git(root, "ls-files", "--others", "--exclude-standard", "--", FOLDER)
    except (OSError, subprocess.CalledProcessError):
        return True
    return bool(compared or untracked)


def _base(root: Path) -> str:
    """Return the commit to compare with. Raises `CalledProcessError` if there is none."""
    head = _git(root, "rev-parse", "HEAD")
    for main in MAIN:
        try:
            base = _git(root, "merge-base", "HEAD", main)
        except subprocess.CalledProcessError:
            continue
        if base != head:
            return base
    return _git(root, "rev-parse", "HEAD^")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()
