"""A channel layer that never responds, like a Redis that is down."""

from __future__ import annotations

from typing import Any

from channels.layers import InMemoryChannelLayer


class BrokenLayer(InMemoryChannelLayer):
    """Fails every call."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Raise."""
        raise ConnectionError("the layer is down")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Raise."""
        raise ConnectionError("the layer is down")
