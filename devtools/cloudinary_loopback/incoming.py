"""The file of an upload: what it is, and whether the account may have it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from devtools.cloudinary_loopback import images, naming
from devtools.cloudinary_loopback.blobs import Blob
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import Value, listed, text
from devtools.cloudinary_loopback.refusals import Refused


class Incoming(Struct):
    """A file as it will be stored."""

    blob: Blob
    filename: str
    resource_type: str
    format: str | None = None
    width: int | None = None
    height: int | None = None


def accepted(cloud: Cloud, rt: str, blob: Blob, filename: str, parameters: Mapping[str, Value]) -> Incoming:
    """The file after sniffing, checks and conversion. Raises `Refused` (400)."""
    found = _sniffed(cloud, rt, blob, filename)
    _check_size(cloud, found)
    _check_format(found, parameters)
    return _converted(cloud, found, parameters)


def _sniffed(cloud: Cloud, rt: str, blob: Blob, filename: str) -> Incoming:
    """Official reference: an image must be one, raw is never opened."""
    found = Incoming(blob, filename, rt)
    if rt == "image":
        try:
            seen = images.picture(blob.path, cloud.plan.image_max_px)
        except Refused:
            _check_size(cloud, found)
            raise
        found.format, found.width, found.height = seen.format, seen.width, seen.height
    return found


def _check_size(cloud: Cloud, found: Incoming) -> None:
    most = getattr(cloud.plan, f"{found.resource_type}_max_bytes")
    if found.blob.size > most:
        raise Refused(400, f"File size too large. Got {found.blob.size}. Maximum is {most}.")
    if found.blob.size == 0:
        raise Refused(400, "Empty file")


def _check_format(found: Incoming, parameters: Mapping[str, Value]) -> None:
    allowed = listed(parameters, "allowed_formats")
    stored = found.format or naming.extension(found.filename)
    if allowed and stored not in allowed:
        raise Refused(400, f"Image file format {stored} not allowed")


def _converted(cloud: Cloud, found: Incoming, parameters: Mapping[str, Value]) -> Incoming:
    """The incoming transformation rewrites the original, so that its etag is no longer the source's."""
    transformation = text(parameters, "transformation")
    if found.format is None or not transformation:
        return found
    made = images.rendered(found.blob.path, images.step(transformation), found.format)
    blob = cloud.blobs.write([made])
    seen = images.picture(blob.path, cloud.plan.image_max_px)
    return Incoming(blob, found.filename, "image", seen.format, seen.width, seen.height)
