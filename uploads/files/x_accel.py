"""Let nginx send the bytes of files on a disk: the application says which, and has nothing in memory.

``UPLOADS["X_ACCEL_REDIRECT"]`` maps nginx's internal locations to the folders behind them (docs/deployment.md). Without
it the application sends the bytes itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from uploads.conf import upload_settings


def x_accel_location(content: Any) -> str:
    """What to answer in ``X-Accel-Redirect`` for an open file; empty when no location leads to it."""
    name = getattr(content, "name", None)
    if not isinstance(name, str):
        return ""
    # Resolved on both sides: a link or a ".." leads to where it leads.
    path = Path(name).resolve()
    for location, folder in upload_settings().x_accel_redirect.items():
        if path.is_relative_to(root := Path(folder).resolve()):
            return location + quote(path.relative_to(root).as_posix())
    return ""
