"""One stored asset, and the forms in which the service tells of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

from tests.cloudinary_loopback.blobs import Blob

RESOURCE_TYPES = ("image", "raw", "video")
TYPES = ("upload", "private", "authenticated", "text")
Address = tuple[str, str, str]
"""Resource type, type and public id: all three name an asset; a wrong one of them names another."""


class Derived(Struct):
    """A derived image that was asked for at upload; it is made when it is delivered."""

    id: str
    transformation: str
    format: str
    width: int | None
    height: int | None


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
    display_name: str = ""
    original_filename: str = "file"
    tags: list[str] = field(default_factory=list)
    context: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    moderation: list[dict[str, str]] = field(default_factory=list)
    faces: list[list[int]] | None = None
    custom_coordinates: list[list[int]] | None = None
    derived: dict[str, Derived] = field(default_factory=dict)
    backup: Blob | None = None
    """The bytes that a restore brings back; only of assets uploaded with `backup`."""
    placeholder: bool = False

    @property
    def address(self) -> Address:
        return self.resource_type, self.type, self.public_id

    @property
    def bytes(self) -> int:
        return 0 if self.placeholder else self.blob.size

    @property
    def deliverable(self) -> bool:
        """Not while somebody still has to look at it, and not once it is only remembered."""
        return not self.placeholder and all(entry["status"] == "approved" for entry in self.moderation)

    def url(self, base: str, transformation: str = "", format_: str | None = None) -> str:
        """Where it is delivered; `base` is the delivery address of its cloud. Never signed, also where that is needed
        (assumed)."""
        ending = format_ or (self.format if self.resource_type != "raw" else None)
        name = quote(self.public_id) + (f".{ending}" if ending else "")
        parts = [base, self.resource_type, self.type, transformation, f"v{self.version}", name]
        return "/".join(part for part in parts if part)


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
        found |= {"asset_folder": asset.folder, "display_name": asset.display_name}
    elif asset.folder:
        found["folder"] = asset.folder
    if asset.placeholder:
        found["placeholder"] = True
    return found


def labelled(asset: Asset, *asked: str) -> dict[str, Any]:
    """The labels among `asked` that are there: an asset without tags has no `tags` (the SDK's live tests)."""
    found: dict[str, Any] = {}
    if "tags" in asked and asset.tags:
        found["tags"] = sorted(asset.tags)
    if "context" in asked and asset.context:
        found["context"] = {"custom": dict(asset.context)}
    if "metadata" in asked:
        found["metadata"] = dict(asset.metadata)
    if "moderation" in asked and asset.moderation:
        found["moderation"] = [dict(entry) for entry in asset.moderation]
    return found


def derived_form(asset: Asset, derived: Derived, base: str) -> dict[str, Any]:
    """One derived image in a reply."""
    url = asset.url(base, derived.transformation, derived.format)
    found = {"id": derived.id, "transformation": derived.transformation, "format": derived.format}
    return {**found, "width": derived.width, "height": derived.height, "url": url, "secure_url": url}
