"""Static files under names that carry a hash of their content, and the step that publishes them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Also rewrites the imports between JavaScript modules to the hashed names, so that all may be cached for ever."""

    support_js_module_import_aggregation = True
    # One pass renames a module after those it imports; in the worst order a chain of imports needs one for each.
    max_post_process_passes = 50


def publish() -> bool:
    """Collect the static files when their sources changed since the last time; say whether they had."""
    stamp = Path(settings.STATIC_ROOT or "").with_suffix(".stamp")
    current = digest([Path(folder) for folder in settings.STATICFILES_DIRS])
    if stamp.exists() and stamp.read_text() == current:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(current)
    return True


def digest(folders: list[Path]) -> str:
    """A digest of every file below `folders`, by path and content."""
    sum_of_all = hashlib.sha256()
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            sum_of_all.update(f"{file.relative_to(folder)}\0".encode())
            sum_of_all.update(hashlib.sha256(file.read_bytes()).digest())
    return sum_of_all.hexdigest()
