"""The state of one cloud. Clouds share nothing: a fresh name is a fresh account."""

from __future__ import annotations

import hashlib
import threading
from email.utils import formatdate
from typing import Any

from msgspec import Struct

from devtools.cloudinary_loopback.assets import Address, Asset
from devtools.cloudinary_loopback.blobs import Blobs
from devtools.cloudinary_loopback.clock import Clock
from devtools.cloudinary_loopback.events import Event, Log
from devtools.cloudinary_loopback.faults import Fault, Kind
from devtools.cloudinary_loopback.plan import Plan
from devtools.cloudinary_loopback.refusals import Refused, not_found

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Budget(Struct):
    """The calls of the Admin API in one hour of the clock."""

    hour: int = 0
    used: int = 0


class Cloud:
    """One account: what it holds, what went wrong with it and what it was asked.

    Tests hold it: `url` for the client, `fail` for faults, `log` for what happened, `clock` for time, `plan` for
    limits and switches, `assets` for the truth. Whoever changes or reads state in pieces holds `lock`.
    """

    def __init__(self, name: str, address: str, blobs: Blobs, plan: Plan) -> None:
        self.name, self.address, self.blobs, self.plan = name, address, blobs, plan
        self.keys = {"123456789012345": f"secret-of-{name}"}
        self.clock = Clock()
        self.lock = threading.RLock()
        self.log = Log()
        self.released = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget everything but name, keys, plan and time."""
        with self.lock:
            self.assets: dict[Address, Asset] = {}
            self.parts: dict[str, Any] = {}
            self.budget = Budget()
            self._made = 0
            self.log.clear()
            self.heal()

    # --- For tests

    @property
    def url(self) -> str:
        """The value of CLOUDINARY_URL for a client of this cloud."""
        key, secret = next(iter(self.keys.items()))
        return f"cloudinary://{key}:{secret}@{self.name}?upload_prefix={self.address}"

    @property
    def secret(self) -> str:
        return next(iter(self.keys.values()))

    @property
    def delivery(self) -> str:
        """What the address of a delivered image begins with."""
        return f"{self.address}/{self.name}"

    def fail(self, endpoint: str, kind: Kind | str, **how: Any) -> Fault:
        """The next `times` calls of `endpoint` go wrong; `how` are the members of `Fault`."""
        fault = Fault(endpoint=endpoint, kind=Kind(kind), **how)
        self.faults.append(fault)
        return fault

    def heal(self) -> None:
        """Nothing goes wrong any more, and whoever was left hanging is let go."""
        with self.lock:
            self.faults: list[Fault] = []
            hanging, self.released = self.released, threading.Event()
        hanging.set()

    def calls(self, *endpoints: str) -> list[Event]:
        """What was asked of these endpoints, or of all."""
        return self.log.of(*endpoints)

    def ids(self, prefix: str = "", type_: str | None = None) -> list[str]:
        """The public ids that are there, in order."""
        with self.lock:
            return sorted(
                asset.public_id
                for asset in self.assets.values()
                if asset.public_id.startswith(prefix) and type_ in (None, asset.type)
            )

    def check(self) -> None:
        """Raises `AssertionError` when, in strict mode, a client sent what has no effect or is no endpoint."""
        wrong = [event for event in self.log.of() if event.ignored or event.endpoint == "unknown"]
        if self.plan.strict and wrong:
            raise AssertionError(f"sent to {self.name} without effect: {wrong}")

    # --- For the endpoints

    def strike(self, endpoint: str, parameters: dict[str, Any]) -> tuple[Fault, threading.Event] | None:
        """The fault that is for this request, and what lets go of whoever it keeps waiting."""
        with self.lock:
            fault = next((fault for fault in self.faults if fault.takes(endpoint, parameters)), None)
            return (fault, self.released) if fault else None

    def token(self, size: int = 20, alphabet: str = ALPHABET) -> str:
        """Characters that were never given out before; the same ones in each run."""
        self._made += 1
        digest = hashlib.sha512(f"{self.name}/{self._made}".encode()).digest()
        return "".join(alphabet[byte % len(alphabet)] for byte in digest[:size])

    def hex_token(self) -> str:
        return self.token(32, "0123456789abcdef")

    def sequence(self) -> int:
        self._made += 1
        return self._made

    def require(self, address: Address) -> Asset:
        """The asset. Raises `Refused` (404)."""
        if (asset := self.assets.get(address)) is None:
            raise not_found(address[2])
        return asset

    def spend(self) -> None:
        """Count one call of the Admin API. Raises `Refused` (420) when the hour's calls are used up."""
        hour = int(self.clock.now() // 3600)
        if self.budget.hour != hour:
            self.budget = Budget(hour)
        if self.budget.used >= self.plan.admin_calls_per_hour:
            raise self.exhausted()
        self.budget.used += 1

    def exhausted(self) -> Refused:
        """Official reference: how the service says that the budget is used up."""
        limit, again = self.plan.admin_calls_per_hour, formatdate((self.budget.hour + 1) * 3600)[5:25]
        told = f"Limit of {limit} api operations reached. Try again on {again} UTC"
        return Refused(420, f"Rate Limit Exceeded. {told}")

    def rate_headers(self, *, used_up: bool = False) -> dict[str, str]:
        """Official reference: what every answer of the Admin API tells of the budget."""
        hour = int(self.clock.now() // 3600)
        used = self.budget.used if self.budget.hour == hour else 0
        limit = self.plan.admin_calls_per_hour
        return {
            "X-FeatureRateLimit-Limit": str(limit),
            "X-FeatureRateLimit-Remaining": str(0 if used_up else limit - used),
            "X-FeatureRateLimit-Reset": formatdate((hour + 1) * 3600, usegmt=True),
        }
