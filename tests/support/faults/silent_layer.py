"""A channel layer that drops everything: messages are hints, and only live updates may suffer."""

from __future__ import annotations

from typing import Any

from channels.layers import InMemoryChannelLayer


class SilentLayer(InMemoryChannelLayer):
    """Accepts every message and delivers none."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Drop the message."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Drop the message."""
