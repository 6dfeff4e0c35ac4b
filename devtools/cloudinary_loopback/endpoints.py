"""Every endpoint of the service that this server has, with the parameters it knows there (official reference)."""

from __future__ import annotations

from devtools.cloudinary_loopback import account, changing, chunks, listing
from devtools.cloudinary_loopback.routes import Endpoint


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


UPLOADED = _names("allowed_formats asset_folder invalidate overwrite public_id transformation type")
RENAMED = _names("from_public_id to_public_id type to_type overwrite invalidate")
ENDPOINTS = [
    Endpoint("upload", "POST", "{rt}/upload", chunks.upload, "upload", UPLOADED),
    Endpoint("explicit", "POST", "{rt}/explicit", changing.explicit, "upload", _names("public_id type")),
    Endpoint("rename", "POST", "{rt}/rename", changing.rename, "upload", RENAMED),
    Endpoint("destroy", "POST", "{rt}/destroy", changing.destroy, "upload", _names("public_id type invalidate")),
    Endpoint(
        "list", "GET", "resources/{rt}/{type}", listing.by_type, "admin", _names("prefix max_results next_cursor")
    ),
    Endpoint("config", "GET", "config", account.config, "admin", _names("settings")),
    Endpoint("usage", "GET", "usage", account.usage, "admin"),
]


def find(method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
    """The endpoint of a path behind ``/v1_1/{cloud}/``, and what stood at its places."""
    for endpoint in ENDPOINTS:
        if (place := endpoint.place(method, path)) is not None:
            return endpoint, place
    return None
