"""The N in force: how long a draft is kept without a live socket."""

from __future__ import annotations

from uploads.conf import upload_settings
from uploads.grace.rules import GraceSettings
from uploads.models import LiveGrace


def grace_settings() -> GraceSettings:
    """Return the N in force, after a clean close and after a loss: as set live, else as configured.

    Read at each use, so that every process obeys a change at once; one row of one page.
    """
    live = LiveGrace.objects.filter(pk=1).first()
    return configured_grace() if live is None else GraceSettings(live.seconds, live.seconds_lost)


def configured_grace() -> GraceSettings:
    """Return N as configured by the settings and the environment."""
    settings = upload_settings()
    return GraceSettings(settings.grace_seconds, settings.grace_seconds_lost)
