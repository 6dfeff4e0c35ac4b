"""The delivery side: ``/{cloud}/{rt}/{type}/[s--signature--/][transformation/][v{version}/]{public_id}.{format}``."""

from __future__ import annotations

import hmac
import re
from urllib.parse import unquote

from msgspec import Struct

from tests.cloudinary_loopback import images, signature
from tests.cloudinary_loopback.assets import RESOURCE_TYPES, Asset
from tests.cloudinary_loopback.blobs import Blob
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.refusals import Refused, not_found
from tests.cloudinary_loopback.routes import Reply
from tests.cloudinary_loopback.transformations import looks_like_one, parsed

SIGNATURE = re.compile(r"s--([A-Za-z0-9_-]+)--")
VERSION = re.compile(r"v\d+")


class Located(Struct, frozen=True):
    """The pieces of a delivery address, still escaped as they came."""

    resource_type: str
    type: str
    signature: str
    transformation: str
    source: str

    @property
    def signed(self) -> str:
        """What a signature is over: not the version, which only tells one copy from another."""
        return "/".join(part for part in (self.transformation, self.source) if part)


def located(path: str) -> Located:
    """The pieces of what stands behind the cloud's name. Raises `Refused` (404) for another kind of path."""
    rt, type_, *rest = [*path.split("/"), "", ""]
    rest = [segment for segment in rest if segment]
    if rt not in RESOURCE_TYPES or not rest:
        raise Refused(404, "Not found")
    signed = SIGNATURE.fullmatch(rest[0])
    rest = rest[1:] if signed else rest
    end = next((at for at, segment in enumerate(rest[:-1]) if VERSION.fullmatch(segment)), None)
    if end is not None:
        transformation, source = rest[:end], rest[end + 1 :]
    else:
        begin = next((at for at, segment in enumerate(rest) if not looks_like_one(segment)), len(rest) - 1)
        transformation, source = rest[:begin], rest[begin:]
    return Located(rt, type_, signed[1] if signed else "", "/".join(transformation), "/".join(source))


def deliver(cloud: Cloud, url: str, path: str) -> Reply:
    """What a viewer gets for `url`: a copy the network has, also of a 404, or what the service makes of it now.

    Raises `Refused` (400, 401 or 404).
    """
    now = cloud.clock.now()
    if (copy := cloud.edge.find(url, now)) is not None:
        if copy.blob is None:
            raise Refused(404, "Resource not found - cached")
        return Reply(200, copy.blob.read(), {}, copy.content_type)
    try:
        asset, blob, content_type = _made(cloud, located(path))
    except Refused as refused:
        if refused.status == 404:
            plan = cloud.plan
            cloud.edge.keep_missing(url, now, plan.negative_cache_first_seconds, plan.negative_cache_most_seconds)
        raise
    cloud.edge.keep(url, now, asset.asset_id, blob, content_type)
    return Reply(200, blob.read(), {"ETag": f'"{blob.md5}"'}, content_type)


def _made(cloud: Cloud, where: Located) -> tuple[Asset, Blob, str]:
    asset, wanted = _found(cloud, where)
    if not asset.deliverable:
        raise not_found(asset.public_id)
    _check_signature(cloud, where, asset)
    steps = parsed(unquote(where.transformation))
    if asset.resource_type != "image":
        if steps:
            raise Refused(400, f"Not rendered here - {asset.resource_type}")
        return asset, asset.blob, images.content_type(asset.format)
    chosen = [step["f"] for step in steps if step.get("f", "auto") != "auto"]
    format_ = (chosen or [wanted or asset.format or "png"])[-1]
    if not steps and format_ == asset.format:
        return asset, asset.blob, images.content_type(format_)
    blob = cloud.blobs.write([images.rendered(asset.blob.path, steps, format_)])
    return asset, blob, images.content_type(format_)


def _found(cloud: Cloud, where: Located) -> tuple[Asset, str | None]:
    """The asset and the format its address ends in; an id may hold dots itself."""
    name = unquote(where.source)
    bare, dot, ending = name.rpartition(".")
    tried: list[tuple[str, str | None]] = [(name, None)]
    if where.resource_type != "raw" and dot:
        tried.insert(0, (bare, ending.lower()))
    for public_id, format_ in tried:
        if (asset := cloud.assets.get((where.resource_type, where.type, public_id))) is not None:
            return asset, format_
    raise not_found(name)


def _check_signature(cloud: Cloud, where: Located, asset: Asset) -> None:
    """Official reference: `private` and `authenticated` need one for everything; a wrong one never helps (assumed)."""
    if where.signature:
        good = [one for secret in cloud.keys.values() for one in signature.of_delivery(where.signed, secret)]
        if not any(hmac.compare_digest(one, where.signature) for one in good):
            raise Refused(401, "Invalid signature")
        return
    if asset.type in ("private", "authenticated"):
        raise Refused(401, f"{asset.type} asset without a signature")
    made = {derived.transformation for derived in asset.derived.values()}
    if cloud.plan.strict_transformations and where.transformation and where.transformation not in made:
        raise Refused(401, "Strict transformations: neither signed nor made before")
