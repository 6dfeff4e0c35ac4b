"""A channel layer that loses every message, as a layer is allowed to."""

from __future__ import annotations

from typing import Any

from channels.layers import InMemoryChannelLayer


class DroppingLayer(InMemoryChannelLayer):
    async def send(self, channel: str, message: dict[str, Any]) -> None:
        pass

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        pass
