"""The body of a request: spooled to disk as it comes, then taken apart without loading it."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import parse_qsl

from msgspec import Struct

from devtools.cloudinary_loopback.blobs import PIECE, Blob, Blobs
from devtools.cloudinary_loopback.parameters import Parameters, collected
from devtools.cloudinary_loopback.refusals import Refused

FILENAME = re.compile(r'filename="((?:[^"\\]|\\.)*)"')
NAME = re.compile(r'[; ]name="((?:[^"\\]|\\.)*)"')


class Sent(Struct):
    """The file of a request."""

    blob: Blob
    filename: str


class Body(Struct):
    """What a request carried."""

    parameters: Parameters = {}
    file: Sent | None = None


class Part(Struct, frozen=True):
    """One part of a multipart body; its content lies from `start` to `end`."""

    name: str
    filename: str | None
    start: int
    end: int


def sized(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """A body of known size."""
    while size:
        piece = stream.read(min(size, PIECE))
        if not piece:
            raise ConnectionError("the body ended early")
        size -= len(piece)
        yield piece


def capped(pieces: Iterator[bytes], cap: int) -> Iterator[bytes]:
    """The pieces. Raises `Refused` (413) after reading, and forgetting, all of a body that is larger than `cap`."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size <= cap:
            yield piece
    if size > cap:
        raise Refused(413, f"Request body of {size} bytes is too large. Maximum is {cap}.")


def taken_apart(body: Blob, content_type: str, blobs: Blobs) -> Body:
    """What a spooled body says. Raises `Refused` (400) for a body that is not what it says it is."""
    if body.size == 0:
        return Body()
    kind = content_type.split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(body, content_type, blobs)
    if kind == "application/x-www-form-urlencoded":
        return Body(collected(parse_qsl(_decoded(body.read()), keep_blank_values=True)))
    raise Refused(400, f"Unsupported content type {kind or '(none)'}")


def _multipart(body: Blob, content_type: str, blobs: Blobs) -> Body:
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        raise Refused(400, "Multipart body without a boundary")
    pairs, file = [], None
    with body.path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for part in parts(content, boundary[1].encode()):
            if part.name == "file" and part.filename is not None:
                places = range(part.start, part.end, PIECE)
                file = Sent(blobs.write(content[at : min(at + PIECE, part.end)] for at in places), part.filename)
            else:
                pairs.append((part.name, _decoded(content[part.start : part.end])))
    return Body(collected(pairs), file)


def parts(content: bytes | mmap.mmap, boundary: bytes) -> Iterator[Part]:
    """The parts of a multipart body. Raises `Refused` (400) when it does not end as it must."""
    delimiter = b"\r\n--" + boundary
    if content[: len(delimiter) - 2] != delimiter[2:]:
        raise Refused(400, "Multipart body without its boundary")
    at = len(delimiter) - 2
    while content[at : at + 2] != b"--":
        head = content.find(b"\r\n\r\n", at)
        end = content.find(delimiter, at)
        if not 0 <= head < end:
            raise Refused(400, "Multipart body without an end")
        headers = _decoded(content[at:head])
        named, filename = NAME.search(headers), FILENAME.search(headers)
        if named is None:
            raise Refused(400, "Multipart part without a name")
        yield Part(_unquoted(named[1]), filename and _unquoted(filename[1]), head + 4, end)
        at = end + len(delimiter)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Refused(400, "Invalid UTF-8") from None


def _unquoted(value: str) -> str:
    """Measured: urllib3 and browsers write a quote as ``%22`` and anything else as UTF-8."""
    return value.replace("%22", '"').replace('\\"', '"')
