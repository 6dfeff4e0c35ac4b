"""The delivery side: ``/{cloud}/image/{type}/[s--signature--/][transformation/]v{version}/{public_id}.{format}``.

Its network keeps no copies here: neither of images, which `invalidate` would end, nor of a 404.
"""

from __future__ import annotations

import hmac
import re
from urllib.parse import unquote

from msgspec import Struct

from devtools.cloudinary_loopback import images, signature
from devtools.cloudinary_loopback.assets import Asset
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.refusals import Refused, not_found
from devtools.cloudinary_loopback.routes import Reply

ADDRESS = re.compile(
    r"image/(?P<type>\w+)/(s--(?P<signature>[A-Za-z0-9_-]+)--/)?((?P<transformation>[^/]+?)/)??v\d+/(?P<source>.+)"
)


class Located(Struct, frozen=True):
    """The pieces of a delivery address, still escaped as they came."""

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
    if (found := ADDRESS.fullmatch(path)) is None:
        raise Refused(404, "Not found")
    return Located(**found.groupdict(default=""))


def deliver(cloud: Cloud, path: str) -> Reply:
    """What a viewer gets. Raises `Refused` (400, 401 or 404)."""
    where = located(path)
    asset, format_ = _found(cloud, where)
    _check_signature(cloud, where, asset)
    step = images.step(unquote(where.transformation))
    if not step and format_ == asset.format:
        content = asset.blob.read()
    else:
        content = images.rendered(asset.blob.path, step, format_)
    return Reply(200, content, {}, images.content_type(format_))


def _found(cloud: Cloud, where: Located) -> tuple[Asset, str]:
    """The asset, and the format its address ends in."""
    public_id, _, format_ = unquote(where.source).rpartition(".")
    if (asset := cloud.assets.get(("image", where.type, public_id))) is None:
        raise not_found(unquote(where.source))
    return asset, format_.lower()


def _check_signature(cloud: Cloud, where: Located, asset: Asset) -> None:
    """Official reference: `private` and `authenticated` need one for everything; a wrong one never helps (assumed)."""
    if where.signature:
        good = [one for secret in cloud.keys.values() for one in signature.of_delivery(where.signed, secret)]
        if not any(hmac.compare_digest(one, where.signature) for one in good):
            raise Refused(401, "Invalid signature")
    elif asset.type in ("private", "authenticated"):
        raise Refused(401, f"{asset.type} asset without a signature")
