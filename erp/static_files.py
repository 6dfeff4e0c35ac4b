"""Collecting the static files for publication."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def publish() -> bool:
    """Collect the static files if any changed since the last time; return whether one had.

    Files of earlier versions stay, because a page rendered by one of them may still request its own.
    """
    stamp = Path(settings.STATIC_ROOT or "").with_suffix(".stamp")
    current = digest()
    if stamp.exists() and stamp.read_text() == current:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current)
    return True


def digest() -> str:
    """Return a digest of every static file, by path and content, and of how they are stored."""
    sum_of_all = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            with storage.open(path) as file:
                sum_of_all.update(f"{getattr(storage, 'prefix', '')}/{path}\0".encode())
                sum_of_all.update(hashlib.sha256(file.read()).digest())
    return sum_of_all.hexdigest()
