"""N in force: how long a draft is kept without a live socket."""

from __future__ import annotations

from uploads.conf import upload_settings
from uploads.core.grace import GraceSettings


def grace_settings() -> GraceSettings:
    """N after a clean close and after a loss, in seconds."""
    settings = upload_settings()
    return GraceSettings(settings.grace_seconds, settings.grace_seconds_lost)
