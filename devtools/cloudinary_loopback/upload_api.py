"""The Upload API: upload, explicit, rename and destroy of images.

`invalidate` is accepted without effect, because delivery caches nothing here.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from devtools.cloudinary_loopback import images, parts
from devtools.cloudinary_loopback.cloud import TYPES, Address, Asset, Cloud
from devtools.cloudinary_loopback.requests import Refused, Request, missing, not_found

FORBIDDEN = re.compile(r"[?&#\\%<>+\x00-\x1f]|^[ /]|[ /]$|//")
"""Characters that a public id must not contain (official reference)."""


def upload(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Store a file, or keep one part of it. The service would choose an id if none is given; the product gives one.

    An SDK sends further parts under the `public_id` of the first response.
    """
    public_id = _new_id(request, "public_id")
    if request.file is None:
        raise missing("file")
    if "Content-Range" not in request.headers:
        return _store(cloud, request, public_id, request.file)
    collected = parts.collect(cloud, request, request.file)
    if isinstance(collected, int):
        return {"done": False, "bytes": collected, "public_id": public_id}
    return _store(cloud, request, public_id, collected) | {"done": True}


def _store(cloud: Cloud, request: Request, public_id: str, file: bytes) -> dict[str, Any]:
    """Create or overwrite the asset, unless it exists and must not be overwritten (official reference).

    An overwritten asset keeps its id, and its version grows.
    """
    address = (_type(request, "type", "upload"), public_id)
    file, picture = _accepted(cloud, request, file)
    known, now = cloud.assets.get(address), cloud.now()
    if known is not None and not request.flag("overwrite", default=True):
        return _reply(known) | {"existing": True}
    cloud.assets[address] = Asset(
        asset_id=known.asset_id if known else uuid4().hex,
        public_id=public_id,
        type=address[0],
        version=max(int(now), known.version + 1) if known else int(now),
        created_at=now,
        content=file,
        format=picture.format,
        width=picture.width,
        height=picture.height,
        # In fixed mode the folder is the id's path, and the parameter has no effect.
        folder=request.parameters.get("asset_folder", "") if cloud.plan.dynamic_folders else "",
    )
    return _reply(cloud.assets[address])


def _accepted(cloud: Cloud, request: Request, file: bytes) -> tuple[bytes, images.Picture]:
    """Return the file as stored: an incoming transformation rewrites it. Raises `Refused` (400)."""
    plan = cloud.plan
    if len(file) > plan.image_max_bytes:
        raise Refused(400, f"File size too large. Got {len(file)}. Maximum is {plan.image_max_bytes}.")
    picture = images.picture(file, plan.image_max_px)
    allowed = request.parameters.get("allowed_formats")
    if allowed and picture.format not in allowed.split(","):
        raise Refused(400, f"Image file format {picture.format} not allowed")
    if transformation := request.parameters.get("transformation"):
        file = images.rendered(file, transformation, picture.format)
        picture = images.picture(file, plan.image_max_px)
    return file, picture


def explicit(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Describe an asset, which is not counted. The changes that this call can make are not emulated."""
    return _reply(_asset(cloud, request, "public_id"))


def rename(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Give an asset another id, another type, or both (official reference).

    It moves in storage at once; asset id and asset folder stay. An existing target is 400, with an assumed text.
    """
    public_id = _new_id(request, "to_public_id")
    asset = _asset(cloud, request, "from_public_id")
    type_ = _type(request, "to_type", asset.type)
    if (type_, public_id) in cloud.assets and not request.flag("overwrite"):
        raise Refused(400, f"to_public_id ({public_id}) already exists")
    del cloud.assets[asset.address]
    asset.type, asset.public_id = type_, public_id
    if cloud.plan.rename_changes_version:
        asset.version += 1
    cloud.assets[asset.address] = asset
    return _reply(asset)


def destroy(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Delete an asset; 200 whether or not it existed. Under another type it did not."""
    found = cloud.assets.pop(_address(request, "public_id"), None)
    return {"result": "ok" if found else "not found"}


def _reply(asset: Asset) -> dict[str, Any]:
    return asset.summary() | {"etag": asset.etag}


def _asset(cloud: Cloud, request: Request, parameter: str) -> Asset:
    address = _address(request, parameter)
    if (asset := cloud.assets.get(address)) is None:
        raise not_found(address[1])
    return asset


def _address(request: Request, parameter: str) -> Address:
    return _type(request, "type", "upload"), request.required(parameter)


def _new_id(request: Request, parameter: str) -> str:
    """Return the id of the asset. Raises `Refused` (400; the text is assumed)."""
    public_id = request.required(parameter)
    if len(public_id) > 255 or FORBIDDEN.search(public_id):
        raise Refused(400, f"{parameter} ({public_id}) is invalid")
    return public_id


def _type(request: Request, parameter: str, default: str) -> str:
    if (type_ := request.parameters.get(parameter, default)) not in TYPES:
        raise Refused(400, f"Invalid {parameter} {type_}")
    return type_
