"""What the Upload API does to an asset that is there.

`invalidate` is taken and changes nothing: delivery keeps no copies here.
"""

from __future__ import annotations

from typing import Any

from devtools.cloudinary_loopback import naming, uploading
from devtools.cloudinary_loopback.assets import TYPES, Asset, summary
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import flag, text
from devtools.cloudinary_loopback.refusals import Refused, missing
from devtools.cloudinary_loopback.routes import Request


def explicit(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/explicit: look at an asset, which is not counted. The changes it can make are not emulated."""
    return uploading.reply(cloud, _asset(cloud, request, "public_id"), request)


def rename(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/rename: an asset gets another id, another type, or both.

    Official reference: at once in storage; asset_id stays, resource type and asset folder do not change.
    That the version stays is one public sample; a taken target is 400, with a text nobody published.
    """
    parameters = request.parameters
    to_id = naming.check(text(parameters, "to_public_id"), "to_public_id") if "to_public_id" in parameters else ""
    if not to_id:
        raise missing("to_public_id")
    asset = _asset(cloud, request, "from_public_id")
    address = (asset.resource_type, text(parameters, "to_type", asset.type), to_id)
    if address[1] not in TYPES:
        raise Refused(400, f"Invalid to_type {address[1]}")
    target = cloud.assets.get(address)
    if target is not None and not flag(parameters, "overwrite"):
        raise Refused(400, f"to_public_id ({to_id}) already exists")
    _move(cloud, asset, address[1], to_id)
    return summary(asset, cloud.delivery, cloud.plan.dynamic_folders) | {"etag": asset.blob.md5}


def _move(cloud: Cloud, asset: Asset, type_: str, public_id: str) -> None:
    del cloud.assets[asset.address]
    asset.public_id, asset.type = public_id, type_
    if cloud.plan.rename_changes_version:
        asset.version = max(int(cloud.clock.now()), asset.version + 1)
    if not cloud.plan.dynamic_folders:
        asset.folder = public_id.rpartition("/")[0]
    cloud.assets[asset.address] = asset


def destroy(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/destroy: 200 whether or not it was there; a wrong resource type or type was not there."""
    public_id = text(request.parameters, "public_id")
    if not public_id:
        raise missing("public_id")
    address = (request.place["rt"], text(request.parameters, "type", "upload"), public_id)
    found = cloud.assets.pop(address, None)
    return {"result": "ok" if found else "not found"}


def _asset(cloud: Cloud, request: Request, parameter: str) -> Asset:
    public_id = text(request.parameters, parameter)
    if not public_id:
        raise missing(parameter)
    return cloud.require((request.place["rt"], text(request.parameters, "type", "upload"), public_id))
