"""Uploads in parts, by `Content-Range`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any

from msgspec import Struct, field

from devtools.cloudinary_loopback import uploading
from devtools.cloudinary_loopback.blobs import Blob
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import text
from devtools.cloudinary_loopback.refusals import Refused, missing
from devtools.cloudinary_loopback.routes import Request

RANGE = re.compile(r"bytes (\d+)-(\d+)/(-1|\*|\d+)")


class Span(Struct, frozen=True):
    """Which bytes of the file a part holds; `total` is None while the client does not know it."""

    first: int
    last: int
    total: int | None

    @property
    def whole(self) -> bool:
        return self.first == 0 and self.total == self.last + 1

    @property
    def final(self) -> bool:
        return self.total == self.last + 1


class Partial(Struct):
    """The parts of one upload id: blobs by their first byte."""

    begun: float
    total: int | None = None
    blobs: dict[int, Blob] = field(default_factory=dict)
    public_id: str = ""
    """Chosen by the server, where it tells one before the end."""

    @property
    def bytes(self) -> int:
        return sum(blob.size for blob in self.blobs.values())

    @property
    def complete(self) -> bool:
        """Official clients finish in any order: it is complete whenever everything is there."""
        return self.bytes == self.total


def span(header: str) -> Span:
    """The value of `Content-Range`. Raises `Refused` (400) for one that is none."""
    match = RANGE.fullmatch(header.strip())
    if match is None:
        raise Refused(400, f"Invalid Content-Range {header}")
    found = Span(int(match[1]), int(match[2]), int(match[3]) if match[3].isdecimal() else None)
    if found.first > found.last or (found.total is not None and found.last >= found.total):
        raise Refused(400, f"Invalid Content-Range {header}")
    return found


def upload(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST {rt}/upload: the whole file, or one part of it. Parts by number are not emulated."""
    if "Content-Range" in request.headers:
        return _ranged(cloud, request, span(request.headers["Content-Range"]))
    return uploading.upload(cloud, request)


def _ranged(cloud: Cloud, request: Request, part: Span) -> dict[str, Any]:
    if request.file is None:
        raise missing("file")
    blob, filename = request.file.blob, request.file.filename
    if blob.size != part.last - part.first + 1:
        raise Refused(400, f"Content-Range of {part.last - part.first + 1} bytes with {blob.size} bytes")
    if part.whole:
        return uploading.store(cloud, request, blob, filename) | {"done": True}
    partial = _partial(cloud, request)
    if not part.final and _too_small(cloud, blob):
        return _intermediate(cloud, request, partial)
    if partial.total is not None and part.total not in (None, partial.total):
        raise Refused(400, f"Total of {part.total} bytes differs from {partial.total} of the parts before")
    _check_apart(partial, part)
    partial.total = part.total or partial.total
    partial.blobs[part.first] = blob
    return _finished(cloud, request, partial, filename)


def _partial(cloud: Cloud, request: Request) -> Partial:
    """What is there of this upload id. Too old ones are forgotten (assumed), finished ones too: a part that is sent
    again after the last answer was lost begins a new upload, which never completes (assumed).
    """
    now = cloud.clock.now()
    for upload_id in [key for key, old in cloud.parts.items() if now - old.begun > cloud.plan.partial_upload_seconds]:
        del cloud.parts[upload_id]
    if not (upload_id := request.headers.get("X-Unique-Upload-Id", "")):
        raise missing("public_id")  # the service's own, misleading text
    found: Partial = cloud.parts.setdefault(upload_id, Partial(now))
    return found


def _too_small(cloud: Cloud, blob: Blob) -> bool:
    """Whether a part is to be forgotten because it is small and not the last."""
    if blob.size > cloud.plan.part_floor_bytes:
        return False
    if cloud.plan.small_part == "refused":
        raise Refused(400, "All parts except EOF-chunk must be larger than 5mb")
    return True


def _check_apart(partial: Partial, part: Span) -> None:
    """The same range may come again; one that cuts into another is refused (assumed)."""
    for first, blob in partial.blobs.items():
        same = first == part.first and blob.size == part.last - part.first + 1
        if not same and part.first < first + blob.size and first <= part.last:
            raise Refused(400, f"Bytes {part.first}-{part.last} overlap a part that is there")


def _intermediate(cloud: Cloud, request: Request, partial: Partial) -> dict[str, Any]:
    told = {"done": False, "bytes": partial.bytes, "kind": "upload", "resource_type": request.place["rt"]}
    if public_id := text(request.parameters, "public_id"):
        return told | {"public_id": public_id}
    if not cloud.plan.intermediate_public_id:
        return told
    partial.public_id = partial.public_id or cloud.token()
    return told | {"public_id": partial.public_id}


def _finished(cloud: Cloud, request: Request, partial: Partial, filename: str) -> dict[str, Any]:
    if not partial.complete:
        return _intermediate(cloud, request, partial)
    del cloud.parts[request.headers["X-Unique-Upload-Id"]]
    return uploading.store(cloud, request, _joined(cloud, partial.blobs), filename) | {"done": True}


def _joined(cloud: Cloud, blobs: Mapping[int, Blob]) -> Blob:
    return cloud.blobs.write(chain.from_iterable(blobs[place].pieces() for place in sorted(blobs)))
