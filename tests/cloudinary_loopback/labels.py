"""Tags, context and structured metadata: on one asset in passing, or on up to a thousand at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.cloudinary_loopback.assets import Asset
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import Value, ids, listed, pairs, text
from tests.cloudinary_loopback.refusals import Refused, missing
from tests.cloudinary_loopback.routes import Request

MOST_IDS = 1000
"""Official reference."""


def set_from(cloud: Cloud, asset: Asset, parameters: Mapping[str, Value]) -> None:
    """The labels that an upload or a change brings; those it does not name stay. Raises `Refused` (400)."""
    if "metadata" in parameters:
        asset.metadata |= metadata(cloud, parameters)
    if "tags" in parameters:
        asset.tags = sorted(set(listed(parameters, "tags")))
    if "context" in parameters:
        asset.context = pairs(text(parameters, "context"))


def defaults(cloud: Cloud) -> dict[str, Any]:
    """The metadata that every new asset has."""
    fields = cloud.metadata_fields.items()
    return {name: field["default_value"] for name, field in fields if "default_value" in field}


def metadata(cloud: Cloud, parameters: Mapping[str, Value]) -> dict[str, Any]:
    """Structured metadata. Official reference: an unknown field fails the whole request with 400."""
    found: dict[str, Any] = {}
    for name, value in pairs(text(parameters, "metadata")).items():
        if name not in cloud.metadata_fields:
            raise Refused(400, f"External ID {name} doesn't exist in the metadata fields")
        found[name] = _metadata_value(cloud.metadata_fields[name], value)
    return found


def _metadata_value(field: Mapping[str, Any], value: str) -> str | list[str]:
    if field["type"] not in ("set", "enum"):
        return value
    chosen = json.loads(value) if value.startswith("[") else [value]
    known = {entry["external_id"] for entry in field["datasource"]["values"]}
    if not set(chosen) <= known:
        raise Refused(400, f"Invalid value for metadata field {field['external_id']}")
    return list(chosen) if field["type"] == "set" else str(chosen[0])


def tags(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/tags"""
    named, command = listed(request.parameters, "tag"), text(request.parameters, "command")
    if command not in ("add", "remove", "replace", "set_exclusive", "remove_all"):
        raise Refused(400, f"Invalid command {command}")
    if command != "remove_all" and not named:
        raise missing("tag")
    chosen = _chosen(cloud, request)
    if command == "set_exclusive":
        for asset in cloud.assets.values():
            asset.tags = [tag for tag in asset.tags if tag not in named]
    for asset in chosen:
        before = set(asset.tags)
        after = {"remove": before - set(named), "replace": set(named), "remove_all": set()}
        asset.tags = sorted(after.get(command, before | set(named)))
    return {"public_ids": [asset.public_id for asset in chosen]}


def context(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/context"""
    command = text(request.parameters, "command")
    if command not in ("add", "remove_all"):
        raise Refused(400, f"Invalid command {command}")
    if command == "add" and "context" not in request.parameters:
        raise missing("context")
    added = pairs(text(request.parameters, "context")) if command == "add" else {}
    chosen = _chosen(cloud, request)
    for asset in chosen:
        asset.context = asset.context | added if command == "add" else {}
    return {"public_ids": [asset.public_id for asset in chosen]}


def change_metadata(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/metadata"""
    if "metadata" not in request.parameters:
        raise missing("metadata")
    added = metadata(cloud, request.parameters)
    chosen = _chosen(cloud, request)
    for asset in chosen:
        asset.metadata |= added
    return {"public_ids": [asset.public_id for asset in chosen]}


def _chosen(cloud: Cloud, request: Request) -> list[Asset]:
    """The assets that are there; those that are not are left out of the answer without a word."""
    if not (wanted := ids(request.parameters)):
        raise missing("public_ids")
    if len(wanted) > MOST_IDS:
        raise Refused(400, f"Too many public ids, {MOST_IDS} is the most")
    type_ = text(request.parameters, "type", "upload")
    addresses = [(request.place["rt"], type_, public_id) for public_id in dict.fromkeys(wanted)]
    return [cloud.assets[address] for address in addresses if address in cloud.assets]
