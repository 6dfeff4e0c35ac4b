"""One whole file becomes an asset."""

from __future__ import annotations

from typing import Any

from devtools.cloudinary_loopback import naming, signature
from devtools.cloudinary_loopback.assets import TYPES, Asset, summary
from devtools.cloudinary_loopback.blobs import Blob
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.incoming import Incoming, accepted
from devtools.cloudinary_loopback.parameters import Parameters, flag, text
from devtools.cloudinary_loopback.refusals import Refused, missing
from devtools.cloudinary_loopback.routes import Request


def upload(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/upload with the whole file."""
    if request.file is None:
        raise missing("file")
    return store(cloud, request, request.file.blob, request.file.filename)


def store(cloud: Cloud, request: Request, blob: Blob, filename: str) -> dict[str, Any]:
    """Makes the asset, or finds that there is one and may not be overwritten; the reply of both.

    Official reference: signed uploads overwrite unless told otherwise.
    """
    incoming = accepted(cloud, request.place["rt"], blob, filename, request.parameters)
    asset, known = _made(cloud, incoming, request.parameters)
    if known is not None and not flag(request.parameters, "overwrite", default=True):
        return reply(cloud, known, request) | {"existing": True}
    cloud.assets[asset.address] = asset
    return reply(cloud, asset, request) | ({"overwritten": True} if known is not None else {})


def _made(cloud: Cloud, incoming: Incoming, parameters: Parameters) -> tuple[Asset, Asset | None]:
    """The asset that would be, and the one whose place it takes: that one's id stays, its version grows.

    Official reference: in dynamic mode the folder is a label, in fixed mode the id's path.
    """
    if (type_ := text(parameters, "type", "upload")) not in TYPES:
        raise Refused(400, f"Invalid type {type_}")
    public_id, now = naming.check(text(parameters, "public_id") or cloud.token()), cloud.clock.now()
    label = text(parameters, "asset_folder").strip("/")
    known = cloud.assets.get((incoming.resource_type, type_, public_id))
    asset = Asset(
        asset_id=known.asset_id if known else cloud.hex_token(),
        public_id=public_id,
        resource_type=incoming.resource_type,
        type=type_,
        version=max(int(now), known.version + 1) if known else int(now),
        created_at=now,
        sequence=cloud.sequence(),
        blob=incoming.blob,
        format=incoming.format,
        width=incoming.width,
        height=incoming.height,
        folder=label if cloud.plan.dynamic_folders else public_id.rpartition("/")[0],
        original_filename=naming.stem(incoming.filename),
    )
    return asset, known


def reply(cloud: Cloud, asset: Asset, request: Request) -> dict[str, Any]:
    """What upload and explicit answer (official reference)."""
    key = text(request.parameters, "api_key") or next(iter(cloud.keys))
    return summary(asset, cloud.delivery, cloud.plan.dynamic_folders) | {
        "version_id": f"{asset.version:032x}",
        "signature": signature.of_reply(asset.public_id, asset.version, cloud.keys.get(key, cloud.secret)),
        "etag": asset.blob.md5,
        "original_filename": asset.original_filename,
        "api_key": key,
    }
