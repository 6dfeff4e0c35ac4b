"""Static files under names that carry a hash of their content, and the step that publishes them."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from erp import javascript

WINDOW = "manage_files"
"""The folder of the Manage Files window, whose modules are sent together."""
ENTRY, CORE = "index.js", "core.js"

Paths = dict[str, tuple[Storage, str]]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # published without types
    """Publishes files to be cached for ever, and as small as they get without changing what they do.

    The imports between JavaScript modules name the hashed files. How modules are made smaller and fewer:
    `erp/javascript.py`. The sources are only read; with `DEBUG` they are served as they are.
    """

    support_js_module_import_aggregation = True
    # One pass renames a module after those it imports; in the worst order a chain of imports needs one for each.
    max_post_process_passes = 50
    keep_intermediate_files = False

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            paths = self._shortened(paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _shortened(self, paths: Paths) -> Paths:
        sources = {name: _read(*place) for name, place in paths.items() if name.endswith(".js")}
        texts, needless = _joined(
            {name: _named(name, javascript.with_short_private_names, text) for name, text in sources.items()}
        )
        short = _Texts({name: _named(name, javascript.minified, text) for name, text in texts.items()})
        for name in texts.keys() - paths.keys():
            # Django looks a file up by its plain name before it knows the hashed one.
            self._save(name, short.open(name))
        return {name: paths[name] for name in paths.keys() - needless} | {name: (short, name) for name in texts}


class _Texts(Storage):
    """Texts where Django expects files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._by_name = texts

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(self._by_name[name].encode())


def _named(name: str, shorten: Callable[[str], str], text: str) -> str:
    """A text made shorter; what is wrong with it is said of this module."""
    try:
        return shorten(text)
    except javascript.Unclear as error:
        raise javascript.Unclear(f"{name}: {error}") from error


def _read(storage: Storage, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())


def _joined(sources: dict[str, str]) -> tuple[dict[str, str], set[str]]:
    """The JavaScript with the window's modules joined, and the names of those that went into others."""
    window = {posixpath.basename(name): text for name, text in sources.items() if posixpath.dirname(name) == WINDOW}
    if ENTRY not in window:
        return sources, set()
    joined = javascript.joined(window, ENTRY, CORE)
    needless = {f"{WINDOW}/{name}" for name in joined.needless}
    others = {name: text for name, text in sources.items() if posixpath.dirname(name) != WINDOW}
    return others | {f"{WINDOW}/{name}": text for name, text in joined.texts.items()}, needless


def publish() -> bool:
    """Collect the static files when their sources changed since the last time; say whether they had.

    What was published the last time stays: a page that is open then loads parts of its own version later.
    """
    root = Path(settings.STATIC_ROOT or "")
    stamp = root.with_suffix(".stamp")
    current = digest([Path(folder) for folder in settings.STATICFILES_DIRS])
    if stamp.exists() and stamp.read_text() == current:
        return False
    keep_only_published(root)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current)
    return True


def keep_only_published(root: Path) -> None:
    """Delete what no page of the version published last could ask for."""
    manifest = root / "staticfiles.json"
    names = json.loads(manifest.read_text())["paths"].values() if manifest.exists() else ()
    last = {root / (name + ending) for name in names for ending in ("", ".gz", ".br")}
    for file in root.rglob("*"):
        if file.is_file() and file not in last:
            file.unlink()


def digest(folders: list[Path]) -> str:
    """A digest of every file below `folders`, by path and content, and of what publishes them."""
    sum_of_all = hashlib.sha256(Path(__file__).read_bytes() + Path(javascript.__file__).read_bytes())
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            sum_of_all.update(f"{file.relative_to(folder)}\0".encode())
            sum_of_all.update(hashlib.sha256(file.read_bytes()).digest())
    return sum_of_all.hexdigest()
