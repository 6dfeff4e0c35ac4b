"""One whole file becomes an asset."""

from __future__ import annotations

from typing import Any

from tests.cloudinary_loopback import analysis, labels, naming, signature, upload_script
from tests.cloudinary_loopback.assets import Asset, labelled, summary
from tests.cloudinary_loopback.blobs import Blob
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.images import of_text
from tests.cloudinary_loopback.incoming import Incoming, accepted, fetched
from tests.cloudinary_loopback.parameters import Parameters, flag, number, of_json, text
from tests.cloudinary_loopback.refusals import Refused, missing
from tests.cloudinary_loopback.routes import Request

UPLOADED_TYPES = ("upload", "private", "authenticated")
DELETE_TOKEN_SECONDS = 600


def upload(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/upload with the whole file."""
    blob, filename = fetched(cloud, request.file)
    return store(cloud, request, blob, filename)


def store(cloud: Cloud, request: Request, blob: Blob, filename: str) -> dict[str, Any]:
    """Makes the asset, or finds that there is one and may not be overwritten; the reply of both.

    Official reference: signed uploads overwrite unless told otherwise, unsigned ones never.
    """
    parameters = with_preset(cloud, request.parameters)
    analysis.check_add_ons(parameters)
    filename = text(parameters, "filename_override") or filename
    incoming = accepted(cloud, request.place["rt_or_auto"], blob, filename, parameters)
    if script := text(parameters, "eval"):
        info = {"width": incoming.width or 0, "height": incoming.height or 0, "bytes": incoming.blob.size}
        parameters |= upload_script.options(script, info)
    asset, known = _made(cloud, incoming, parameters)
    if known is not None and not flag(parameters, "overwrite", default=True):
        return reply(cloud, known, request, parameters) | {"existing": True}
    if known is not None and flag(parameters, "invalidate"):
        cloud.edge.invalidate(known.asset_id)
    _mark(cloud, asset, parameters)
    cloud.keep(asset)
    told = analysis.make_derived(cloud, asset, parameters)
    answer = reply(cloud, asset, request, parameters) | ({"eager": told} if told else {})
    return answer | ({"overwritten": True} if known is not None else {})


def with_preset(cloud: Cloud, parameters: Parameters) -> Parameters:
    """The parameters, and under them what their preset says."""
    if not (name := text(parameters, "upload_preset")):
        return dict(parameters)
    if name not in cloud.presets:
        raise Refused(400, "Upload preset not found")
    return of_json(cloud.presets[name]["settings"]) | parameters


def _made(cloud: Cloud, incoming: Incoming, parameters: Parameters) -> tuple[Asset, Asset | None]:
    """The asset that would be, and the one whose place it takes: that one's id stays, its version grows."""
    if (type_ := text(parameters, "type", "upload")) not in UPLOADED_TYPES:
        raise Refused(400, f"Invalid type {type_}")
    dynamic, now = cloud.plan.dynamic_folders, cloud.clock.now()
    name = naming.name(parameters, incoming.filename, incoming.resource_type, dynamic, cloud.token())
    known = cloud.assets.get((incoming.resource_type, type_, name.public_id))
    asset = Asset(
        asset_id=known.asset_id if known else cloud.hex_token(),
        public_id=name.public_id,
        resource_type=incoming.resource_type,
        type=type_,
        version=max(int(now), known.version + 1) if known else int(now),
        created_at=now,
        sequence=cloud.sequence(),
        blob=incoming.blob,
        format=incoming.format,
        width=incoming.width,
        height=incoming.height,
        folder=name.folder,
        display_name=name.display_name,
        original_filename=naming.stem(incoming.filename),
        metadata=labels.defaults(cloud),
    )
    return asset, known if known is not None and not known.placeholder else None


def _mark(cloud: Cloud, asset: Asset, parameters: Parameters) -> None:
    """What the uploader says about the file."""
    labels.set_from(cloud, asset, parameters)
    if flag(parameters, "backup"):
        asset.backup = asset.blob
    if kind := text(parameters, "moderation"):
        if kind != "manual":
            raise Refused(420, f"You don't have an active {kind} subscription")  # official reference, text assumed
        asset.moderation = [{"kind": kind, "status": "pending"}]
    if "face_coordinates" in parameters:
        asset.faces = analysis.clipped(analysis.coordinates(parameters, "face_coordinates"), asset)
    if "custom_coordinates" in parameters:
        asset.custom_coordinates = analysis.coordinates(parameters, "custom_coordinates")


def reply(cloud: Cloud, asset: Asset, request: Request, parameters: Parameters) -> dict[str, Any]:
    """What upload and explicit answer (official reference)."""
    key = text(request.parameters, "api_key") or next(iter(cloud.keys))
    told = summary(asset, cloud.delivery, cloud.plan.dynamic_folders) | {
        "version_id": f"{asset.version:032x}",
        "signature": signature.of_reply(asset.public_id, asset.version, cloud.keys.get(key, cloud.secret)),
        "tags": sorted(asset.tags),
        "etag": asset.blob.md5,
        "placeholder": asset.placeholder,
        "original_filename": asset.original_filename,
        "api_key": key,
    }
    told |= labelled(asset, "context", "moderation")
    if asset.metadata:
        told |= labelled(asset, "metadata")
    if flag(parameters, "return_delete_token"):
        told["delete_token"] = cloud.hex_token()
        cloud.delete_tokens[told["delete_token"]] = (asset.address, cloud.clock.now() + DELETE_TOKEN_SECONDS)
    return told | analysis.measured(cloud, asset, parameters)


def make_text(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST image/text: a picture of a line of text, of the type *text*."""
    if not (line := text(request.parameters, "text")):
        raise missing("text")
    blob = cloud.blobs.write([of_text(line, number(request.parameters, "font_size", 12, 200))])
    incoming = accepted(cloud, "image", blob, "text.png", {})
    asset, _ = _made(cloud, incoming, {"public_id": text(request.parameters, "public_id") or cloud.token()})
    asset.type = "text"
    cloud.keep(asset)
    return summary(asset, cloud.delivery, cloud.plan.dynamic_folders)
