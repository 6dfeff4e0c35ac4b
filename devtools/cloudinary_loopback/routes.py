"""Requests, replies, and the pattern by which a path finds its endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from devtools.cloudinary_loopback.bodies import Sent
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import Parameters

PLACES = {
    "rt": "image|raw",
    "type": "upload|private|authenticated",
}
"""What may stand at a place of a path."""


class Request(Struct):
    """One request, taken apart. `place` holds what stood at the places of the path."""

    method: str
    path: str
    headers: Mapping[str, str]
    parameters: Parameters
    file: Sent | None = None
    place: dict[str, str] = {}


class Reply(Struct):
    """What is sent back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"


Act = Callable[[Cloud, Request], dict[str, Any]]


class Endpoint(Struct, frozen=True):
    """One thing the service does, and which parameters it knows there.

    What it `takes` is signed; anything else that is sent stands in the log as ignored. Of the bucket *admin* every call
    counts.
    """

    name: str
    method: str
    path: str
    act: Act
    bucket: Literal["upload", "admin"]
    takes: frozenset[str] = frozenset()

    def place(self, method: str, path: str) -> dict[str, str] | None:
        """What stands at the places of `path`, or None when it is another endpoint's."""
        if method != self.method:
            return None
        pattern = re.sub(r"\{(\w+)\}", lambda found: f"(?P<{found[1]}>{PLACES[found[1]]})", self.path)
        match = re.fullmatch(pattern, path)
        return match and match.groupdict()

    def ignored(self, names: Parameters) -> list[str]:
        """The parameters sent that have no effect here."""
        return sorted(set(names) - self.takes - {"api_key", "signature", "timestamp", "file"})
