"""A store on any of Django's ``STORAGES``; local disk by default."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from uploads.stores.base import Listed, Promoted, Receipt, StoreError, require_open


class DjangoStorageStore:
    """Keeps objects in the storage `alias`. Promotion is a copy; a job of its own destroys the temp object.

    A local disk answers or fails. A networked storage must configure its own deadlines, for S3 of django-storages:
    ``OPTIONS["client_config"] = Config(connect_timeout=5, read_timeout=30)``.
    """

    def __init__(self, alias: str = "default") -> None:
        """Raises `InvalidStorageError` if ``STORAGES`` has no such alias."""
        self._storage: Storage = storages[alias]
        self.name = f"storage {alias}"

    def put(self, key: str, content: BinaryIO, content_type: str) -> Receipt:
        """Store `content` under exactly `key`. Raises `StoreError` if the storage fails, and `TypeError`."""
        require_open(content)
        storage = self._storage
        try:
            if storage.exists(key):
                # Left by an earlier, unanswered attempt: complete, or truncated and to be written again.
                if storage.size(key) == content.seek(0, os.SEEK_END):
                    return {}
                storage.delete(key)
            content.seek(0)
            saved = storage.save(key, File(content, name=key))
        except OSError as error:
            raise StoreError(f"put: {type(error).__name__}") from error
        if saved != key:
            storage.delete(saved)
            raise StoreError("put: the storage chose another name")
        return {}

    def destroy(self, key: str) -> None:
        """Delete the object, and its folder if empty. Raises `StoreError` if the storage fails."""
        try:
            self._storage.delete(key)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"destroy: {type(error).__name__}") from error
        if isinstance(self._storage, FileSystemStorage):
            # Disks keep empty folders; removing a folder that is not empty fails.
            with suppress(OSError):
                Path(self._storage.path(key)).parent.rmdir()

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""
        return self._storage.exists(key)

    def url(self, key: str, receipt: Receipt) -> str:
        """Return the storage's URL of the object."""
        return self._storage.url(key)

    def open(self, key: str) -> BinaryIO:
        """Open the object for reading. Raises `FileNotFoundError` if there is none."""
        content: File[bytes] | None = None
        try:
            content = self._storage.open(key, "rb")
            # Networked storages fetch it here: until now it may have been moved on, and they say so in their own ways.
            content.read(1)
            content.seek(0)
        except Exception as error:
            if content is not None:
                content.close()
            if isinstance(error, FileNotFoundError) or self._storage.exists(key):
                raise
            raise FileNotFoundError(key) from error
        return cast(BinaryIO, content)

    def promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        """Copy the object to `to`. Raises `StoreError` if there is neither source nor copy."""
        try:
            with self.open(key) as source:
                self.put(to, source, "")
        except FileNotFoundError as error:
            if not self._storage.exists(to):
                raise StoreError("promote: no such object", answered=True) from error
        return Promoted(to, {}, left=False)

    def list(self, prefix: str) -> Iterator[Listed]:
        """Iterate over the objects in the folder `prefix`. Raises `StoreError` if the storage fails."""
        try:
            folders, names = self._storage.listdir(prefix)
        except FileNotFoundError:
            return
        except (OSError, NotImplementedError) as error:
            raise StoreError(f"list: {type(error).__name__}") from error
        for name in names:
            with suppress(FileNotFoundError):
                yield self._listed(prefix + name)
        for folder in folders:
            yield from self.list(f"{prefix}{folder}/")

    def _listed(self, key: str) -> Listed:
        storage = self._storage
        return Listed(key=key, receipt={}, size=storage.size(key), created_at=storage.get_modified_time(key))
