"""What the ERP writes is nobody else's to read: modes are set when a file is made, never by the process's umask."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

OTHERS = 0o007
DIRECTORY = 0o700
FILE = 0o600


def private_directory(path: Path) -> Path:
    """Make `path` and the directories above it that are missing, each for its owner alone; return it."""
    if not path.parent.exists():
        private_directory(path.parent)
    path.mkdir(mode=DIRECTORY, exist_ok=True)
    _shut_out_others(path)
    return path


def private_file(path: Path) -> None:
    """Make `path`, empty, for its owner alone, unless it is there; SQLite gives its log beside it the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
    for written in (path, *path.parent.glob(f"{path.name}-*")):
        _shut_out_others(written)


def _shut_out_others(path: Path) -> None:
    """Close what an earlier version left open to every user. The group is the operator's: a proxy or a backup."""
    with suppress(OSError):
        mode = path.stat().st_mode
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
