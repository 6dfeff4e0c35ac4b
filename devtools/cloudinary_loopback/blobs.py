"""Bytes on disk. A blob's file goes when nothing refers to it any more."""

from __future__ import annotations

import hashlib
import shutil
import weakref
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

PIECE = 256 * 1024


class Blob:
    """One immutable file; `md5` is what the service calls its etag."""

    def __init__(self, path: Path, size: int, md5: str) -> None:
        self.path, self.size, self.md5 = path, size, md5
        self._gone = weakref.finalize(self, path.unlink, missing_ok=True)

    def pieces(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def read(self) -> bytes:
        return self.path.read_bytes()


class Blobs:
    """The files of one server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()
        folder.mkdir(parents=True, exist_ok=True)

    def new_path(self) -> Path:
        return self.folder / f"{next(self._numbers)}.bytes"

    def write(self, pieces: Iterable[bytes]) -> Blob:
        path, size, md5 = self.new_path(), 0, hashlib.md5(usedforsecurity=False)
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                size += len(piece)
                md5.update(piece)
        return Blob(path, size, md5.hexdigest())

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
