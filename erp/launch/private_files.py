"""Files and directories that only their owner can read: modes are set on creation, whatever the process's umask."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

OTHERS = 0o007
DIRECTORY = 0o700
FILE = 0o600


def private_directory(path: Path) -> Path:
    """Create `path` and its missing parents with access for their owner only; return it."""
    if not path.parent.exists():
        private_directory(path.parent)
    path.mkdir(mode=DIRECTORY, exist_ok=True)
    _shut_out_others(path)
    return path


def private_file(path: Path) -> None:
    """Create `path`, empty and for its owner only, unless it exists. SQLite gives its log the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
    for written in (path, *path.parent.glob(f"{path.name}-*")):
        _shut_out_others(written)


def _shut_out_others(path: Path) -> None:
    """Remove access for other users that an earlier version left. The group is the operator's choice."""
    with suppress(OSError):
        mode = path.stat().st_mode
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
