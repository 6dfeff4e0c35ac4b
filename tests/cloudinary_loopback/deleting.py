"""Bulk deletion and what undoes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.cloudinary_loopback import details
from tests.cloudinary_loopback.assets import Asset
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.listing import few
from tests.cloudinary_loopback.parameters import flag, ids, text
from tests.cloudinary_loopback.refusals import Refused, missing
from tests.cloudinary_loopback.routes import Request


def by_type(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE resources/{rt}/{type} with ids, or a prefix, or all of them."""
    parameters = request.parameters
    there = [
        asset for asset in cloud.assets.values() if asset.address[:2] == (request.place["rt"], request.place["type"])
    ]
    if "public_ids" in parameters:
        wanted = few(cloud, ids(parameters))
        found = [asset for asset in there if asset.public_id in wanted]
        absent = set(wanted) - {asset.public_id for asset in found}
        told = _delete(cloud, request, found)
        told["deleted"] |= dict.fromkeys(sorted(absent), "not_found")
        return told
    if prefix := text(parameters, "prefix"):
        return _page(cloud, request, (asset for asset in there if asset.public_id.startswith(prefix)))
    if flag(parameters, "all"):
        return _page(cloud, request, there)
    raise missing("public_ids, prefix or all")


def by_tag(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE resources/{rt}/tags/{tag}"""
    there = (asset for asset in cloud.assets.values() if asset.resource_type == request.place["rt"])
    return _page(cloud, request, (asset for asset in there if request.place["tag"] in asset.tags))


def by_asset_ids(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE resources"""
    wanted = few(cloud, ids(request.parameters, "asset_ids"))
    return _delete(cloud, request, [asset for asset in cloud.assets.values() if asset.asset_id in wanted])


def _page(cloud: Cloud, request: Request, assets: Iterable[Asset]) -> dict[str, Any]:
    """Official reference: up to a thousand originals in one call, then ``partial: true`` and a cursor."""
    keep = flag(request.parameters, "keep_original")
    found = [asset for asset in assets if not asset.placeholder and (asset.derived or not keep)]
    now, rest = found[: cloud.plan.deletes_per_call], found[cloud.plan.deletes_per_call :]
    told = _delete(cloud, request, now)
    return told | ({"partial": True, "next_cursor": cloud.hex_token()} if rest else {})


def _delete(cloud: Cloud, request: Request, assets: Iterable[Asset]) -> dict[str, Any]:
    if text(request.parameters, "transformations"):
        raise Refused(400, "Not emulated - transformations")  # the service would keep the originals
    keep = flag(request.parameters, "keep_original")
    invalidate = flag(request.parameters, "invalidate") and cloud.plan.bulk_invalidation
    deleted, counts = {}, {}
    for asset in list(assets):
        deleted[asset.public_id] = "deleted"
        counts[asset.public_id] = {"original": 0 if keep else 1, "derived": len(asset.derived)}
        if keep:
            asset.derived = {}
        elif not asset.placeholder:
            cloud.remove(asset, invalidate=invalidate)
    return {"deleted": deleted, "deleted_counts": counts, "partial": False}


def restore(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST resources/{rt}/{type}/restore: what was uploaded with `backup` comes back."""
    told: dict[str, Any] = {}
    for public_id in few(cloud, ids(request.parameters)):
        asset = cloud.assets.get((request.place["rt"], request.place["type"], public_id))
        if asset is None or asset.backup is None:
            told[public_id] = {"error": "no_backup"}
            continue
        asset.blob, asset.placeholder = asset.backup, False
        told[public_id] = details.detail(cloud, asset, {})
    if not told:
        raise Refused(400, "Nothing to restore")
    return told
