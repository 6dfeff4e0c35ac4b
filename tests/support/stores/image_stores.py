"""Where a server keeps its images, inspected from outside: its own disk, or a loopback cloud."""

from __future__ import annotations

from typing import Protocol

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.servers.server import Server

BOTH_STORES = pytest.mark.parametrize("cloud", ["disk", "cloudinary"], indirect=True)
"""Marks a browser test that runs on both stores."""


class ImageStore(Protocol):
    """What a test may ask about a store."""

    def temp(self) -> list[str]:
        """Return everything that does not belong to a product yet: temp objects and what waits for the store."""

    def saved(self, product: int) -> list[str]:
        """Return the images of a product."""

    def shows(self, address: str) -> bool:
        """Whether this URL is that of a saved image."""

    def temp_was_shown(self) -> bool:
        """Whether a browser could have received a temp object by now."""


class OnDisk:
    """The store of a server without credentials: its disk."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def temp(self) -> list[str]:
        return [str(path) for path in self._server.temp_objects()]

    def saved(self, product: int) -> list[str]:
        folder = self._server.var / "files" / "media" / "product_files" / str(product)
        return [path.name for path in folder.glob("*.jpg")]

    def shows(self, address: str) -> bool:
        return address.startswith(self._server.url)

    def temp_was_shown(self) -> bool:
        return self.temp() != []


class InCloud:
    """The store of a server with the credentials of `cloud`, where temp objects need signed URLs."""

    def __init__(self, server: Server, cloud: Cloud) -> None:
        self._server, self._cloud = server, cloud

    def temp(self) -> list[str]:
        # The disk may hold temp objects of the demo products, created before the server had this store.
        spooled = (self._server.var / "spool").rglob("*")
        return [*self._cloud.ids("media/temp_product_files/"), *(str(path) for path in spooled if path.is_file())]

    def saved(self, product: int) -> list[str]:
        return self._cloud.ids(f"media/product_files/{product}/", "upload")

    def shows(self, address: str) -> bool:
        return address.startswith(f"{self._cloud.delivery}/image/upload/")

    def temp_was_shown(self) -> bool:
        delivered = self._cloud.calls("delivery")
        return any("image/authenticated/s--" in event.path and event.status == 200 for event in delivered)
