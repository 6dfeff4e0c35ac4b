"""The secret key of an installation without a configured one."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def read_or_make(path: Path) -> str:
    """Return the key in `path`; if there is none, create it, readable by its owner only.

    Processes that start together agree on one key: the file appears complete or not at all.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp creates it with mode 0600.
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as draft:
            draft.write(secrets.token_urlsafe(48))
        # Unlike a rename, a link never replaces a key that another process has just created.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    return path.read_text()
