"""A store in memory that separates effects from responses: either may get lost, or come late."""

from __future__ import annotations

import io
from typing import BinaryIO, NamedTuple

from tests.verification.simulation_steps import Actor, current, pause
from uploads.stores.base import Promoted, Receipt, StoreError


class Call(NamedTuple):
    """One effect on one object."""

    verb: str
    key: str
    content: bytes


class SimulatedStore:
    """Yields before and after each effect. `late` are the calls whose callers are gone and which may still land."""

    name = "simulated"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.down = False
        self.late: list[Call] = []
        self._under_way: dict[Actor, Call] = {}

    def put(self, key: str, content: BinaryIO, content_type: str) -> Receipt:
        self._call(Call("put", key, content.read()))
        return {}

    def destroy(self, key: str) -> None:
        self._call(Call("destroy", key, b""))

    def promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        content = self.objects.get(key)
        if content is not None:
            self._call(Call("put", to, content))
        elif to not in self.objects:
            raise StoreError("promote: no such object")
        return Promoted(to, {}, left=False)

    def exists(self, key: str) -> bool:
        return key in self.objects

    def url(self, key: str, receipt: Receipt) -> str:
        return f"/{key}"

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self.objects[key])

    def killed(self, actor: Actor) -> None:
        """The caller is gone; what it had sent may take effect or not."""
        if (call := self._under_way.pop(actor, None)) is not None:
            self.late.append(call)

    def land(self, call: Call) -> None:
        """Let the effect of a late call happen after all."""
        self.late.remove(call)
        self._apply(call)

    def _call(self, call: Call) -> None:
        actor = current()
        assert actor is not None
        self._under_way[actor] = call
        pause(f"{call.verb} sent")
        del self._under_way[actor]
        if actor.fails("store"):
            self.late.append(call)
            raise StoreError(f"{call.verb}: timed out")
        if self.down:
            raise StoreError(f"{call.verb}: refused")
        self._apply(call)
        pause(f"{call.verb} applied")
        if actor.fails("answer"):
            raise StoreError(f"{call.verb}: the answer was lost")

    def _apply(self, call: Call) -> None:
        if call.verb == "put":
            self.objects[call.key] = call.content
        else:
            self.objects.pop(call.key, None)
