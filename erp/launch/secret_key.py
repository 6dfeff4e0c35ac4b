"""The secret key of an installation that was given none."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def read_or_make(path: Path) -> str:
    """The key in `path`; made there, readable by its owner only, when there is none yet.

    Processes that start together agree on one key: the file appears complete or not at all.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made with mode 0600.
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as draft:
            draft.write(secrets.token_urlsafe(48))
        # Unlike a rename, a link never replaces the key another process has just made.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    return path.read_text()
