"""Objects on the store's disk that the product did not put there, with any age."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from django.core.files.storage import storages

from tests.support.time.service_clock import FakeClock
from uploads.stores.registry import current_store

FOLDER = "media/temp_product_files/eve_20231101T000000000000"
DAY = 86_400.0


def temp_key(instance: str = "erp", file: UUID | None = None, folder: str = FOLDER) -> str:
    return f"{folder}/{instance}-{file or uuid4()}.jpg"


class Disk:
    """The store's disk; its clock appears to be the database's."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def plant(self, key: str, age: float = DAY) -> str:
        """Add an object that was created `age` seconds ago."""
        current_store().put(key, BytesIO(b"planted"), "image/jpeg")
        self.date(key, age)
        return key

    def date(self, key: str, age: float = DAY) -> None:
        made = self._clock.now_ms / 1000 - age
        os.utime(self._path(key), (made, made))

    def date_all(self, age: float = DAY) -> None:
        """Make every existing object `age` seconds old."""
        for key in self.keys:
            self.date(key, age)

    def remove(self, key: str) -> None:
        self._path(key).unlink()

    def read(self, key: str) -> bytes:
        return self._path(key).read_bytes()

    @property
    def keys(self) -> set[str]:
        """Return every object by key."""
        root = self._path("")
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}

    def _path(self, key: str) -> Path:
        return Path(storages["draft_uploads"].path(key))
