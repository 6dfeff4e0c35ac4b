"""Uploads in parts, by `Content-Range`. Parts by number, and of an unknown total, are not emulated."""

from __future__ import annotations

import re

from msgspec import Struct, field

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.requests import Refused, Request, missing

RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class Partial(Struct):
    """The parts of one upload id so far, by their first byte; a part may be repeated."""

    total: int
    parts: dict[int, bytes] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(map(len, self.parts.values()))


def collect(cloud: Cloud, request: Request, file: bytes) -> bytes | int:
    """Keep one part; return the whole file once all parts have arrived, and until then the bytes so far.

    Raises `Refused` (400). A finished upload is forgotten: its last part, repeated because the response was lost,
    begins another upload, which never completes (assumed).
    """
    first, last, total = _range(request.headers["Content-Range"], file)
    if not (upload_id := request.headers.get("X-Unique-Upload-Id", "")):
        raise missing("public_id")  # the service's own, misleading text
    if last + 1 < total and len(file) <= cloud.plan.part_floor_bytes:
        raise Refused(400, "All parts except EOF-chunk must be larger than 5mb")  # as in npm's and .NET's tests
    partial: Partial = cloud.parts.setdefault(upload_id, Partial(total))
    if total != partial.total:
        raise Refused(400, f"Total of {total} bytes differs from {partial.total} of the parts before")
    partial.parts[first] = file
    if partial.bytes < total:
        return partial.bytes
    del cloud.parts[upload_id]
    return b"".join(partial.parts[start] for start in sorted(partial.parts))


def _range(header: str, file: bytes) -> tuple[int, int, int]:
    """Return the first byte, the last byte and the total of `Content-Range`. Raises `Refused` (400)."""
    match = RANGE.fullmatch(header)
    first, last, total = map(int, match.groups()) if match else (0, 0, 0)
    if not last < total or len(file) != last - first + 1:
        raise Refused(400, f"Invalid Content-Range {header} of {len(file)} bytes")
    return first, last, total
