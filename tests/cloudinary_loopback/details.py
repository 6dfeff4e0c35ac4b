"""One asset through the Admin API: all that is known of it, and changes."""

from __future__ import annotations

from typing import Any

from tests.cloudinary_loopback import analysis, labels
from tests.cloudinary_loopback.assets import Asset, derived_form, labelled, summary
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import Parameters, flag, text
from tests.cloudinary_loopback.refusals import Refused, illegal
from tests.cloudinary_loopback.routes import Request

MODERATED = ("pending", "approved", "rejected")


def of_address(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{rt}/{type}/{id}"""
    place = request.place
    return detail(cloud, cloud.require((place["rt"], place["type"], place["rest"])), request.parameters)


def of_asset_id(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{asset_id}"""
    return detail(cloud, cloud.by_asset_id(request.place["asset"]), request.parameters)


def detail(cloud: Cloud, asset: Asset, parameters: Parameters) -> dict[str, Any]:
    """Labels are told when they are there; measurements when they are asked for."""
    told = summary(asset, cloud.delivery, cloud.plan.dynamic_folders) | {"etag": asset.blob.md5}
    told |= labelled(asset, "tags", "context", "moderation")
    if asset.metadata:
        told |= labelled(asset, "metadata")
    told["derived"] = [derived_form(asset, derived, cloud.delivery) for derived in asset.derived.values()]
    if flag(parameters, "coordinates"):
        known = {"faces": asset.faces, "custom": asset.custom_coordinates}
        told["coordinates"] = {name: areas for name, areas in known.items() if areas is not None}
    return told | analysis.measured(cloud, asset, parameters)


def update(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST resources/{rt}/{type}/{id}"""
    place, parameters = request.place, request.parameters
    asset = cloud.require((place["rt"], place["type"], place["rest"]))
    for name in analysis.ADD_ONS:
        if value := text(parameters, name):
            raise illegal(name, value)
    labels.set_from(cloud, asset, parameters)
    if "moderation_status" in parameters:
        _moderate(asset, text(parameters, "moderation_status"))
    if cloud.plan.dynamic_folders:
        asset.folder = text(parameters, "asset_folder", asset.folder)
        asset.display_name = text(parameters, "display_name", asset.display_name)
        cloud.keep(asset)
    return detail(cloud, asset, {})


def _moderate(asset: Asset, status: str) -> None:
    if status not in MODERATED:
        raise illegal("moderation_status", status)
    if not asset.moderation:
        raise Refused(400, f"{asset.public_id} is not moderated")
    for entry in asset.moderation:
        entry["status"] = status
