"""A channel layer that drops everything: messages are hints, and nothing but live mirroring may suffer."""

from __future__ import annotations

from typing import Any

from channels.layers import InMemoryChannelLayer


class SilentLayer(InMemoryChannelLayer):
    """Accepts whatever is sent, and delivers nothing."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """To nobody."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """To nobody."""
