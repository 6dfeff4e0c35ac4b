"""The programs around the tests: where each is found, and how it is installed where it is missing."""

from __future__ import annotations

import os
import shutil

from erp.bootstrap import apt_install, say, stop

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Find a Chromium for the browser tests, or install one; say where it came from."""
    named = os.environ.get("CHROMIUM")
    if named:
        path = shutil.which(named)
        if path is None:
            stop(f"$CHROMIUM names {named}, which is not a program.")
        say(f"Chromium: {path} ($CHROMIUM)")
        return path
    path = chromium_on_path()
    if path:
        say(f"Chromium: {path} (found on PATH)")
        return path
    # A bare system has no scalable font, and pages without one look nothing like what people see.
    apt_install("Chromium", "chromium", "fonts-dejavu-core")
    path = chromium_on_path()
    if path is None:
        stop("apt-get installed Chromium, but no such program is on PATH. Name it in $CHROMIUM.")
    say(f"Chromium: {path} (installed with apt-get)")
    return path


def chromium_on_path() -> str | None:
    """The first Chromium or Chrome on PATH."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
