"""Lists of the Admin API: newest first, in pages, behind an opaque cursor."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from devtools.cloudinary_loopback.assets import Asset, summary
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import number, text
from devtools.cloudinary_loopback.refusals import Refused
from devtools.cloudinary_loopback.routes import Request

DEFAULT_RESULTS, MOST_RESULTS = 10, 500


def by_type(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{rt}/{type}, all of them or by prefix."""
    where, prefix = (request.place["rt"], request.place["type"]), text(request.parameters, "prefix")
    found = (asset for asset in cloud.assets.values() if asset.address[:2] == where)
    return page(cloud, request, (asset for asset in found if asset.public_id.startswith(prefix)))


def page(cloud: Cloud, request: Request, assets: Iterable[Asset]) -> dict[str, Any]:
    """One page, and a cursor when there is more."""
    size = number(request.parameters, "max_results", DEFAULT_RESULTS, MOST_RESULTS)
    ordered = sorted(assets, key=lambda asset: asset.sequence, reverse=True)
    start = _start(cloud, text(request.parameters, "next_cursor"), ordered)
    told: dict[str, Any] = {
        "resources": [
            summary(asset, cloud.delivery, cloud.plan.dynamic_folders) for asset in ordered[start : start + size]
        ]
    }
    if start + size < len(ordered):
        told["next_cursor"] = _cursor(start + size, ordered[start + size - 1].sequence)
    return told


def _cursor(position: int, last: int) -> str:
    return base64.urlsafe_b64encode(f"{position}:{last}".encode()).decode()


def _start(cloud: Cloud, cursor: str, ordered: list[Asset]) -> int:
    """Where the next page begins. Which of the two ways the service goes is not established: see `Plan`."""
    if not cursor:
        return 0
    try:
        position, last = (int(part) for part in base64.urlsafe_b64decode(cursor).split(b":"))
    except ValueError:
        raise Refused(400, f"Invalid cursor {cursor}") from None
    if cloud.plan.list_cursors == "by position":
        return position
    return sum(asset.sequence >= last for asset in ordered)
