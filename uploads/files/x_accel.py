"""Let nginx send files on a local disk: the application only names the file and holds none of it in memory.

``UPLOADS["X_ACCEL_REDIRECT"]`` maps nginx's internal locations to the folders behind them (docs/deployment.md). Without
it the application sends the bytes itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from uploads.conf import upload_settings


def x_accel_location(content: Any) -> str:
    """Return the value of ``X-Accel-Redirect`` for an open file; empty if no location leads to it."""
    name = getattr(content, "name", None)
    if not isinstance(name, str):
        return ""
    # Resolved on both sides, so that a link or a ".." counts as what it points to.
    path = Path(name).resolve()
    for location, folder in upload_settings().x_accel_redirect.items():
        if path.is_relative_to(root := Path(folder).resolve()):
            return location + quote(path.relative_to(root).as_posix())
    return ""
