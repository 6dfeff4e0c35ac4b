"""A storage of Django's that is reached over a network, such as S3: an object is fetched when it is first read."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from django.core.files.base import File
from django.core.files.storage import InMemoryStorage

NETWORKED = f"{__name__}.Networked"


class Fetched(BytesIO):
    """A file that is read from the network when it is first read."""

    def __init__(self, fetch: Callable[[], bytes]) -> None:
        super().__init__()
        self.fetch: Callable[[], bytes] | None = fetch

    def read(self, size: int | None = -1, /) -> bytes:
        if self.fetch is not None:
            self.write(self.fetch())
            super().seek(0)
            self.fetch = None
        return super().read(size)


class Networked(InMemoryStorage):
    """A storage such as S3: an object that is deleted after it was opened is an error of its own when it is read."""

    before_fetch: Callable[[], object] | None = None
    is_down = False

    def open(self, name: str, mode: str = "rb") -> File:
        if "r" not in mode:
            return super().open(name, mode)
        if not self.exists(name):
            raise FileNotFoundError(name)
        return File(Fetched(lambda: self.fetch(name)), name)

    def fetch(self, name: str) -> bytes:
        if self.before_fetch is not None:
            self.before_fetch()
        if self.is_down or not self.exists(name):
            raise RuntimeError("An error occurred (404) when calling the GetObject operation: Not Found")
        with super().open(name) as content:
            return content.read()
