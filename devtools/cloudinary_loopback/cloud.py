"""The state of one account. Clouds share nothing: a fresh name is a fresh account."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from devtools.cloudinary_loopback.faults import Event, Fault, Kind

MB = 1024 * 1024
TYPES = ("upload", "authenticated")
Address = tuple[str, str]
"""Type and public id of an image. The same id with another type is another asset."""


class Plan(Struct, kw_only=True, forbid_unknown_fields=True):
    """Limits and behaviour of an account; the defaults are a free one's (official reference and reports)."""

    dynamic_folders: bool = True
    image_max_bytes: int = 10 * MB
    image_max_px: int = 25_000_000
    body_max_bytes: int = 100 * MB
    admin_calls_per_hour: int = 500
    part_floor_bytes: int = 5 * MB
    rename_changes_version: bool = False
    """False is undocumented but seen in the one public sample; a client must store the version in the response."""


class Asset(Struct, kw_only=True):
    """A stored image."""

    asset_id: str
    public_id: str
    type: str
    version: int
    created_at: float
    content: bytes
    format: str
    width: int
    height: int
    folder: str = ""

    @property
    def address(self) -> Address:
        return self.type, self.public_id

    @property
    def etag(self) -> str:
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    def summary(self) -> dict[str, Any]:
        """Return what every response says about it (official reference), as far as the product reads it."""
        told = {name: getattr(self, name) for name in ("asset_id", "public_id", "version", "type", "format")}
        created_at = datetime.fromtimestamp(int(self.created_at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        size = {"bytes": len(self.content), "width": self.width, "height": self.height}
        return {**told, **size, "resource_type": "image", "created_at": created_at}


class Cloud:
    """One account: its assets, its planned faults and the calls it received.

    Tests read and set its members: `url` for the client, `fail` for faults, `calls` for the requests, `ahead` to move
    its clock, `plan` for limits, `assets` for the truth. Code with several steps holds `lock`.
    """

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address, self.plan = name, address, Plan()
        self.key, self.secret = "123456789012345", f"secret-of-{name}"
        self.ahead = 0.0
        self.lock = threading.RLock()
        self.assets: dict[Address, Asset] = {}
        self.parts: dict[str, Any] = {}
        self.admin_calls: dict[int, int] = {}
        """Calls of the Admin API per hour since the epoch."""
        self.log: list[Event] = []
        self.faults: list[Fault] = []
        self.released = threading.Event()

    # --- For tests

    @property
    def url(self) -> str:
        """The value of CLOUDINARY_URL for a client of this cloud."""
        return f"cloudinary://{self.key}:{self.secret}@{self.name}?upload_prefix={self.address}"

    @property
    def delivery(self) -> str:
        """The base URL of delivered images."""
        return f"{self.address}/{self.name}"

    def fail(self, endpoint: str, kind: Kind | str, **how: Any) -> Fault:
        """Make the next calls of `endpoint` fail; `how` are the members of `Fault`."""
        fault = Fault(endpoint=endpoint, kind=Kind(kind), **how)
        self.faults.append(fault)
        return fault

    def heal(self) -> None:
        """Drop all faults, and release the calls that are kept waiting."""
        with self.lock:
            self.faults = []
            waiting, self.released = self.released, threading.Event()
        waiting.set()

    def calls(self, *endpoints: str) -> list[Event]:
        """Return the calls of these endpoints, or of all."""
        return [event for event in [*self.log] if not endpoints or event.endpoint in endpoints]

    def ids(self, prefix: str = "", type_: str | None = None) -> list[str]:
        """Return the existing public ids, sorted."""
        with self.lock:
            found = (asset for asset in self.assets.values() if type_ in (None, asset.type))
            return sorted(asset.public_id for asset in found if asset.public_id.startswith(prefix))

    def check(self) -> None:
        """Raise `AssertionError` if a client sent a parameter without effect, or asked for an unknown endpoint."""
        if wrong := [event for event in self.calls() if event.ignored or event.endpoint == "unknown"]:
            raise AssertionError(f"sent to {self.name} without effect: {wrong}")

    # --- For the endpoints

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return time.time() + self.ahead

    def strike(self, endpoint: str) -> tuple[Fault, threading.Event] | None:
        """Return the fault for this call, and the event that releases it from waiting."""
        with self.lock:
            fault = next((fault for fault in self.faults if fault.takes(endpoint)), None)
            return (fault, self.released) if fault else None
