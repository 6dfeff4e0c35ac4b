"""The file of an upload: where it comes from, what it is, and whether the account may have it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from tests.cloudinary_loopback import images, naming
from tests.cloudinary_loopback.blobs import Blob
from tests.cloudinary_loopback.bodies import Sent
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import Value, listed, text
from tests.cloudinary_loopback.refusals import Refused, missing
from tests.cloudinary_loopback.transformations import parsed

DATA_URI = re.compile(rb"data:[\w.+/-]*(;[\w=-]+)*;base64,")


class Incoming(Struct):
    """A file as it will be stored."""

    blob: Blob
    filename: str
    resource_type: str
    format: str | None = None
    width: int | None = None
    height: int | None = None


def fetched(cloud: Cloud, sent: Sent | None) -> tuple[Blob, str]:
    """The bytes and their name: sent as they are, as a data URI, or behind a URL that the server was told of."""
    if sent is None:
        raise missing("file")
    if sent.filename is not None:
        return sent.blob, sent.filename
    head = sent.blob.head()
    if DATA_URI.match(head):
        return _of_data_uri(cloud, sent.blob), "file"
    if re.match(rb"(https?|ftp|s3|gs)://", head):
        return _of_url(cloud, head.decode(errors="replace"))
    return sent.blob, "file"


def _of_data_uri(cloud: Cloud, blob: Blob) -> Blob:
    if blob.size > cloud.plan.data_uri_max_bytes:
        raise Refused(400, f"File size too large. Got {blob.size}. Maximum is {cloud.plan.data_uri_max_bytes}.")
    try:
        return cloud.blobs.write([base64.b64decode(re.sub(rb"\s", b"", blob.read().split(b",", 1)[1]), validate=True)])
    except binascii.Error:
        raise Refused(400, "Invalid data URI") from None


def _of_url(cloud: Cloud, url: str) -> tuple[Blob, str]:
    """This server asks nobody outside: only the URLs it was given a file for can be loaded."""
    if url not in cloud.remote_files:
        raise Refused(400, f"Error in loading {url} - not known to this server")
    name = PurePosixPath(unquote(urlsplit(url).path)).name or "file"
    return cloud.blobs.write([cloud.remote_files[url].read_bytes()]), name


def accepted(cloud: Cloud, rt: str, blob: Blob, filename: str, parameters: Mapping[str, Value]) -> Incoming:
    """The file after sniffing, checks and conversion. Raises `Refused` (400)."""
    found = _sniffed(cloud, rt, blob, filename)
    _check_size(cloud, found)
    _check_format(found, parameters)
    return _converted(cloud, found, parameters)


def _sniffed(cloud: Cloud, rt: str, blob: Blob, filename: str) -> Incoming:
    """Official reference: `auto` decides by content; image and video must be what they say, raw is never opened."""
    if rt in ("image", "auto"):
        try:
            seen = images.picture(blob.path, cloud.plan.image_max_px)
            return Incoming(blob, filename, "image", seen.format, seen.width, seen.height)
        except Refused:
            if rt == "image":
                _check_size(cloud, Incoming(blob, filename, "image"))
                raise
    if rt in ("video", "auto"):
        if video := images.video_format(blob.head(64)):
            return Incoming(blob, filename, "video", video)
        if rt == "video":
            raise Refused(400, "Unsupported video format or file")
    return Incoming(blob, filename, "raw")


def _check_size(cloud: Cloud, found: Incoming) -> None:
    most = getattr(cloud.plan, f"{found.resource_type}_max_bytes")
    if found.blob.size > most:
        raise Refused(400, f"File size too large. Got {found.blob.size}. Maximum is {most}.")
    if found.blob.size == 0:
        raise Refused(400, "Empty file")


def _check_format(found: Incoming, parameters: Mapping[str, Value]) -> None:
    """The SDK's live tests: a format that is not allowed is good when it is converted into one that is."""
    allowed = listed(parameters, "allowed_formats")
    stored = text(parameters, "format") or found.format or naming.extension(found.filename)
    if allowed and stored not in allowed:
        raise Refused(400, f"Image file format {stored} not allowed")


def _converted(cloud: Cloud, found: Incoming, parameters: Mapping[str, Value]) -> Incoming:
    """The incoming transformation rewrites the original, so that its etag is no longer the source's."""
    transformation, format_ = text(parameters, "transformation"), text(parameters, "format")
    if found.resource_type != "image" or not (transformation or format_ not in ("", found.format)):
        return found
    made = images.rendered(found.blob.path, parsed(transformation), format_ or found.format or "png")
    blob = cloud.blobs.write([made])
    seen = images.picture(blob.path, cloud.plan.image_max_px)
    return Incoming(blob, found.filename, "image", seen.format, seen.width, seen.height)
