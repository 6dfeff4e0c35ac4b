"""Requests and responses: parsing, parameters, refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

BOUNDARY = re.compile(r"multipart/form-data; boundary=(\S+)")
NAME = re.compile(rb'; name="([^"]*)"')


class Refused(Exception):
    """The response is `status` and ``{"error": {"message": message}}``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def missing(parameter: str) -> Refused:
    """Return the refusal for a required parameter (text: official reference)."""
    return Refused(400, f"Missing required parameter - {parameter}")


def not_found(what: str) -> Refused:
    """Return the refusal for an asset that does not exist (text: official reference)."""
    return Refused(404, f"Resource not found - {what}")


class Request(Struct):
    """A parsed request."""

    headers: Mapping[str, str]
    parameters: dict[str, str]
    file: bytes | None = None

    def required(self, name: str) -> str:
        """Return a parameter. Raises `Refused` (400) if it is missing or empty."""
        if value := self.parameters.get(name):
            return value
        raise missing(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a flag, which the SDK sends as 1 or 0 (measured). Raises `Refused` (400) for any other value."""
        if name not in self.parameters:
            return default
        if (value := self.parameters[name]) not in ("0", "1"):
            raise Refused(400, f"Invalid value {value} for parameter {name}")
        return value == "1"


class Reply(Struct):
    """A response."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"


def multipart(body: bytes, content_type: str) -> tuple[dict[str, str], bytes | None]:
    """Return the fields and the file of a body. Raises `Refused` (400) unless it is a whole multipart body."""
    if (boundary := BOUNDARY.fullmatch(content_type)) is None:
        raise Refused(400, f"Unsupported content type {content_type or '(none)'}")
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    if before or not parts or parts.pop() != b"--\r\n":
        raise Refused(400, "Multipart body without its boundary or its end")
    fields: dict[str, str] = {}
    file = None
    for part in parts:
        head, end_of_head, content = part.partition(b"\r\n\r\n")
        if not end_of_head or (name := NAME.search(head)) is None:
            raise Refused(400, "Multipart part without a name")
        if name[1] == b"file":
            file = content
        else:
            fields[name[1].decode()] = content.decode()
    return fields, file
