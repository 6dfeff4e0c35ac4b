"""One stored asset, and the forms in which the service tells of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from devtools.cloudinary_loopback.blobs import Blob

TYPES = ("upload", "private", "authenticated")
Address = tuple[str, str, str]
"""Resource type, type and public id: all three name an asset; a wrong one of them names another."""


class Asset(Struct, kw_only=True, weakref=True):
    """What the service keeps of an upload. `sequence` orders assets made in the same second."""

    asset_id: str
    public_id: str
    resource_type: str
    type: str
    version: int
    created_at: float
    sequence: int
    blob: Blob
    format: str | None = None
    width: int | None = None
    height: int | None = None
    folder: str = ""
    original_filename: str = "file"

    @property
    def address(self) -> Address:
        return self.resource_type, self.type, self.public_id

    @property
    def bytes(self) -> int:
        return self.blob.size

    def url(self, base: str) -> str:
        """Where it is delivered; `base` is the delivery address of its cloud. Never signed, also where that is needed
        (assumed).
        """
        name = quote(self.public_id) + (f".{self.format}" if self.format else "")
        return "/".join([base, self.resource_type, self.type, f"v{self.version}", name])


def instant(seconds: float) -> str:
    """The time form of the service."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def summary(asset: Asset, base: str, dynamic: bool) -> dict[str, Any]:
    """What every form holds (official reference)."""
    found: dict[str, Any] = {
        "asset_id": asset.asset_id,
        "public_id": asset.public_id,
        "version": asset.version,
        "resource_type": asset.resource_type,
        "type": asset.type,
        "created_at": instant(asset.created_at),
        "bytes": asset.bytes,
        "url": asset.url(base),
        "secure_url": asset.url(base),  # loopback speaks no TLS
        "access_mode": "public",
    }
    for name in ("format", "width", "height"):
        if (value := getattr(asset, name)) is not None:
            found[name] = value
    if dynamic:
        found["asset_folder"] = asset.folder
    elif asset.folder:
        found["folder"] = asset.folder
    return found
