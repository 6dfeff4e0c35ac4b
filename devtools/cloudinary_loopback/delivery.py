"""The delivery side: ``/{cloud}/image/{type}/[s--signature--/][transformation/]v{version}/{public_id}.{format}``.

Its CDN caches nothing here: neither images, which `invalidate` would remove, nor 404s.
"""

from __future__ import annotations

import hmac
import re
from urllib.parse import unquote

from devtools.cloudinary_loopback import images
from devtools.cloudinary_loopback.access import delivery_signature
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.requests import Refused, Reply, not_found

ADDRESS = re.compile(
    r"image/(?P<type>\w+)/(s--(?P<signature>[\w-]+)--/)?((?P<transformation>[^/]+?)/)??v\d+/(?P<source>.+)"
)


def deliver(cloud: Cloud, path: str) -> Reply:
    """Return the image that a viewer receives. Raises `Refused` (400, 401 or 404).

    An authenticated one needs a signature, which covers everything but the version (official reference).
    """
    if (address := ADDRESS.fullmatch(path)) is None:
        raise Refused(404, "Not found")
    transformation, source = address["transformation"] or "", address["source"]
    public_id, _, format_ = unquote(source).rpartition(".")
    if (asset := cloud.assets.get((address["type"], public_id))) is None:
        raise not_found(unquote(source))
    if address["signature"] or asset.type == "authenticated":
        wanted = delivery_signature(cloud, "/".join(filter(None, [transformation, source])))
        if not hmac.compare_digest(wanted.encode(), (address["signature"] or "").encode()):
            raise Refused(401, "Invalid signature")
    if transformation or format_ != asset.format:
        content = images.rendered(asset.content, unquote(transformation), format_)
    else:
        content = asset.content
    return Reply(200, content, {}, images.mime_type(format_))
