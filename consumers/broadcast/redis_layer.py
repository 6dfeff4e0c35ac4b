"""The Redis channel layer for several server processes. Tabs still connect while Redis is down.

The layer of channels-redis raises from `new_channel` and `group_add` while Redis is down, and a socket that cannot join
is refused with HTTP 500, so no tab could reconnect while service time runs on. This layer retries a failed subscription
until Redis answers. It also reports whether events may have been lost, in which case the processes read the database
themselves (`consumers.runtime`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection

logger = logging.getLogger("uploads.layer")

TRY_SECONDS = 1.0
AGAIN_SECONDS = 1.0


class PatientShard(RedisSingleShardConnection):  # type: ignore[misc]  # channels-redis is published without types
    """A connection to Redis that retries its subscriptions in the background."""

    def __init__(self, host: Any, channel_layer: RedisPubSubLoopLayer) -> None:
        super().__init__(host, channel_layer)
        self._missing: set[str] = set()
        self._retrying: asyncio.Task[None] | None = None
        self.interruptions = 0

    @property
    def is_whole(self) -> bool:
        """Whether every subscription is active, as far as can be determined."""
        connection = self._pubsub.connection if self._pubsub else None
        return not self._missing and (connection is None or bool(connection.is_connected))

    async def _reconnected(self, connection: Any) -> None:
        """Count an interruption: everything published meanwhile is lost."""
        self.interruptions += 1

    async def subscribe(self, channel: str) -> None:
        """Subscribe to `channel` now, or later if Redis is down."""
        # While others are being retried, this one would fail too.
        if self._missing or not await self._subscribed(channel):
            self._missing.add(channel)
            if self._retrying is None or self._retrying.done():
                self._retrying = asyncio.ensure_future(self._retry_missing())

    async def unsubscribe(self, channel: str) -> None:
        """Unsubscribe from `channel`. If that fails, its messages are dropped."""
        self._missing.discard(channel)
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await super().unsubscribe(channel)
        except Exception as error:  # noqa: BLE001 - the socket must end in any case
            logger.warning("a subscription could not be ended: %r", error)

    async def _subscribed(self, channel: str) -> bool:
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await super().subscribe(channel)
            # Held weakly, and only once however often it is registered.
            self._pubsub.connection.register_connect_callback(self._reconnected)
        except Exception as error:  # noqa: BLE001 - any failure is retried
            logger.warning("Redis accepts no subscription, trying again: %r", error)
            return False
        return True

    async def _retry_missing(self) -> None:
        while self._missing:
            await asyncio.sleep(AGAIN_SECONDS)
            for channel in list(self._missing):
                if channel in self._missing and not await self._subscribed(channel):
                    break
                self._missing.discard(channel)


class PatientRedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """`channels_redis.pubsub.RedisPubSubChannelLayer` with retrying connections; takes the same ``CONFIG``."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer = super()._get_layer()
        layer._shards = [
            shard if isinstance(shard, PatientShard) else PatientShard(shard.host, layer) for shard in layer._shards
        ]
        return layer

    def subscriptions(self) -> tuple[bool, int]:
        """Return whether all subscriptions are active, and how often they have been interrupted."""
        shards = self._get_layer()._shards
        return all(shard.is_whole for shard in shards), sum(shard.interruptions for shard in shards)
