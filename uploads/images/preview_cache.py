"""Previews cached in a folder: each is created once, however many requests come, until its file is deleted.

The oldest ones are removed when space is needed. No Django here.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID
from weakref import WeakValueDictionary

from uploads.core.errors import Code, Refusal

logger = logging.getLogger("uploads.images")

ID_LENGTH = 36
"""Names begin with the id of the file shown."""


class _Making:
    """Locks held while a preview is created."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_guard = threading.Lock()
_makings: WeakValueDictionary[Path, _Making] = WeakValueDictionary()


def get_or_make(path: Path, make: Callable[[], bytes], max_bytes: int) -> bytes:
    """Return the preview at `path`; if it does not exist, `make` and cache it, keeping the folder within `max_bytes`.

    Raises what `make` does. A `Refusal` that a retry would not change is cached as well, as ``image_unreadable``, so
    that an image without a preview is decoded only once.
    """
    found = _read(path)
    if found is None:
        with _one_at_a_time(path):
            found = _read(path)
            if found is None:
                found = _made(path, make, max_bytes)
    if not found:
        raise Refusal(Code.IMAGE_UNREADABLE)
    return found


def ids(folder: Path) -> set[UUID]:
    """Return the ids of the files that have cached previews."""
    return {file_id for path in _all(folder) if (file_id := _id(path))}


def forget(folder: Path, file_ids: Set[UUID]) -> None:
    """Remove the previews of these files."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            if _id(path) in file_ids:
                path.unlink(missing_ok=True)


def _id(path: Path) -> UUID | None:
    try:
        return UUID(path.name[:ID_LENGTH])
    except ValueError:
        return None


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        content = path.read_bytes()
        os.utime(path)
        return content
    return None


def _made(path: Path, make: Callable[[], bytes], max_bytes: int) -> bytes:
    try:
        content = make()
    except Refusal as refusal:
        if not refusal.retryable:
            _keep(path, b"", max_bytes)
        raise
    _keep(path, content, max_bytes)
    return content


def _keep(path: Path, content: bytes, max_bytes: int) -> None:
    """Write it under its name once it is complete. If the disk is full, the next request creates it again."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as part:
            part.write(content)
        Path(part.name).rename(path)
        _make_room(path.parent, max_bytes)
    except OSError:
        logger.exception("a preview could not be kept: it is made again")


def _make_room(folder: Path, max_bytes: int) -> None:
    """Remove the least recently requested previews until the others take at most `max_bytes`."""
    found = []
    for path in _all(folder):
        # Another thread may rename or remove it meanwhile.
        with suppress(FileNotFoundError):
            found.append((path, path.stat()))
    total = 0
    for path, facts in sorted(found, key=lambda one: -one[1].st_mtime_ns):
        total += facts.st_size
        if total > max_bytes:
            path.unlink(missing_ok=True)


def _all(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return [path for path in folder.iterdir() if path.is_file()]
    return []


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with _guard:
        making = _makings.get(path)
        if making is None:
            making = _makings[path] = _Making()
    with making.lock:
        yield
