"""What the Upload API does to an asset that is there."""

from __future__ import annotations

from typing import Any

from tests.cloudinary_loopback import analysis, images, labels, naming, uploading
from tests.cloudinary_loopback.assets import TYPES, Asset, labelled, summary
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import flag, text
from tests.cloudinary_loopback.refusals import Refused, missing, not_found
from tests.cloudinary_loopback.routes import Reply, Request


def explicit(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/explicit: look at an asset, and change what the parameters name. Not counted against the budget."""
    asset = _asset(cloud, request, "public_id")
    parameters = request.parameters
    analysis.check_add_ons(parameters)
    labels.set_from(cloud, asset, parameters)
    if "face_coordinates" in parameters:
        asset.faces = analysis.coordinates(parameters, "face_coordinates")
    if "custom_coordinates" in parameters:
        asset.custom_coordinates = analysis.coordinates(parameters, "custom_coordinates")
    if cloud.plan.dynamic_folders:
        asset.folder = text(parameters, "asset_folder", asset.folder)
        asset.display_name = text(parameters, "display_name", asset.display_name)
        cloud.keep(asset)
    if flag(parameters, "invalidate"):
        cloud.edge.invalidate(asset.asset_id)
    told = analysis.make_derived(cloud, asset, parameters)
    return uploading.reply(cloud, asset, request, parameters) | ({"eager": told} if told else {})


def rename(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/rename: an asset gets another id, another type, or both.

    Official reference: at once in storage; asset_id stays, derived images go, resource type and asset folder do not
    change. That the version stays is one public sample; a taken target is 400, with a text nobody published.
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
    if target is not None and not target.placeholder and not flag(parameters, "overwrite"):
        raise Refused(400, f"to_public_id ({to_id}) already exists")
    _move(cloud, asset, address[1], to_id)
    if flag(parameters, "invalidate"):
        cloud.edge.invalidate(asset.asset_id)
    asked = [name for name in ("tags", "context", "metadata") if flag(parameters, name)]
    told = summary(asset, cloud.delivery, cloud.plan.dynamic_folders) | labelled(asset, *asked)
    return told | {"etag": asset.blob.md5}


def _move(cloud: Cloud, asset: Asset, type_: str, public_id: str) -> None:
    del cloud.assets[asset.address]
    asset.public_id, asset.type, asset.derived = public_id, type_, {}
    if cloud.plan.rename_changes_version:
        asset.version = max(int(cloud.clock.now()), asset.version + 1)
    if not cloud.plan.dynamic_folders:
        asset.folder = public_id.rpartition("/")[0]
    cloud.keep(asset)


def destroy(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/destroy: 200 whether or not it was there; a wrong resource type or type was not there."""
    public_id = text(request.parameters, "public_id")
    if not public_id:
        raise missing("public_id")
    address = (request.place["rt"], text(request.parameters, "type", "upload"), public_id)
    asset = cloud.assets.get(address)
    if asset is None or asset.placeholder:
        return {"result": "not found"}
    cloud.remove(asset, invalidate=flag(request.parameters, "invalidate"))
    return {"result": "ok"}


def destroy_by_asset_id(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST asset/destroy"""
    wanted = text(request.parameters, "asset_id")
    if not wanted:
        raise missing("asset_id")
    found = [asset for asset in cloud.assets.values() if asset.asset_id == wanted and not asset.placeholder]
    for asset in found:
        cloud.remove(asset, invalidate=flag(request.parameters, "invalidate"))
    return {"result": "ok" if found else "not found"}


def delete_by_token(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST delete_by_token: for browsers, some ten minutes long."""
    address, until = cloud.delete_tokens.pop(text(request.parameters, "token"), (None, 0.0))
    if address is None or cloud.clock.now() > until:
        raise Refused(400, "Invalid token")
    if (asset := cloud.assets.get(address)) is not None:
        cloud.remove(asset, invalidate=False)
    return {"result": "ok"}


def download(cloud: Cloud, request: Request) -> Reply:
    """GET {rt}/download: the original of any type, by a signed address that may end at `expires_at`."""
    until = text(request.parameters, "expires_at")
    if until and (not until.isdecimal() or int(until) < cloud.clock.now()):
        raise Refused(401, "Download link has expired")
    asset = _asset(cloud, request, "public_id")
    headers = {"Content-Disposition": "attachment"} if flag(request.parameters, "attachment") else {}
    return Reply(200, asset.blob.read(), headers, images.content_type(asset.format))


def _asset(cloud: Cloud, request: Request, parameter: str) -> Asset:
    public_id = text(request.parameters, parameter)
    if not public_id:
        raise missing(parameter)
    asset = cloud.require((request.place["rt"], text(request.parameters, "type", "upload"), public_id))
    if asset.placeholder:
        raise not_found(public_id)
    return asset
