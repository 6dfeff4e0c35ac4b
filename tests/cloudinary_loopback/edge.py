"""The delivery network between the service and whoever looks at an image."""

from __future__ import annotations

from msgspec import Struct

from tests.cloudinary_loopback.blobs import Blob

KEPT_SECONDS = 30 * 24 * 3600
"""Official reference: how long copies live that nobody invalidates."""


class Copy(Struct):
    """What was delivered under a URL, until when it is delivered again; without a blob it is a 404."""

    until: float
    seconds: float
    asset_id: str = ""
    blob: Blob | None = None
    content_type: str = ""


class Edge:
    """Copies by exact URL.

    Official reference: a 404 is kept too, a minute at first and twice as long each time, up to a day. So a URL must
    not be asked for before its asset is there.
    """

    def __init__(self) -> None:
        self._copies: dict[str, Copy] = {}

    def find(self, url: str, now: float) -> Copy | None:
        copy = self._copies.get(url)
        return copy if copy is not None and now < copy.until else None

    def keep(self, url: str, now: float, asset_id: str, blob: Blob, content_type: str) -> None:
        self._copies[url] = Copy(now + KEPT_SECONDS, KEPT_SECONDS, asset_id, blob, content_type)

    def keep_missing(self, url: str, now: float, first: float, most: float) -> None:
        before = self._copies.get(url)
        seconds = min(before.seconds * 2, most) if before is not None and before.blob is None else first
        self._copies[url] = Copy(now + seconds, seconds)

    def invalidate(self, asset_id: str) -> None:
        """The copies of an asset go. Remembered 404s stay (assumed)."""
        self._copies = {url: copy for url, copy in self._copies.items() if copy.asset_id != asset_id}
