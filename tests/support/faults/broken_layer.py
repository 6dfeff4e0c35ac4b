"""A channel layer that does not answer at all, as a Redis that is down."""

from __future__ import annotations

from typing import Any

from channels.layers import InMemoryChannelLayer


class BrokenLayer(InMemoryChannelLayer):
    """Fails whatever it is asked."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Fail."""
        raise ConnectionError("the layer is down")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Fail."""
        raise ConnectionError("the layer is down")
