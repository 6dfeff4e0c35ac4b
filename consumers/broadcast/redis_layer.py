"""The Redis channel layer of several server processes. Nothing waits for it: without Redis tabs still connect.

The layer of channels-redis raises from `new_channel` and `group_add` while Redis is away, and a socket that cannot
join is refused with HTTP 500: no tab could reconnect while service time runs on. Here a failed subscription is
retried until Redis answers. Whether events may have been lost meanwhile can be asked: then the processes look at the
database themselves (`consumers.runtime`).
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
    """One connection to Redis that retries its subscriptions in the background."""

    def __init__(self, host: Any, channel_layer: RedisPubSubLoopLayer) -> None:
        super().__init__(host, channel_layer)
        self._missing: set[str] = set()
        self._making_up: asyncio.Task[None] | None = None
        self.interruptions = 0

    @property
    def is_whole(self) -> bool:
        """Whether every subscription is in force as far as can be seen."""
        connection = self._pubsub.connection if self._pubsub else None
        return not self._missing and (connection is None or bool(connection.is_connected))

    async def _reconnected(self, connection: Any) -> None:
        """Redis is back: what was published in between is lost."""
        self.interruptions += 1

    async def subscribe(self, channel: str) -> None:
        """Subscribe to `channel` now or, while Redis is away, later."""
        # While others are being retried, this one would fail as well.
        if self._missing or not await self._subscribed(channel):
            self._missing.add(channel)
            if self._making_up is None or self._making_up.done():
                self._making_up = asyncio.ensure_future(self._make_up())

    async def unsubscribe(self, channel: str) -> None:
        """Unsubscribe from `channel`. Messages of a subscription that cannot be ended are dropped."""
        self._missing.discard(channel)
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await super().unsubscribe(channel)
        except Exception as error:  # noqa: BLE001 - whatever it is, the socket must end
            logger.warning("a subscription could not be ended: %r", error)

    async def _subscribed(self, channel: str) -> bool:
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await super().subscribe(channel)
            # Held weakly, and once however often it is registered.
            self._pubsub.connection.register_connect_callback(self._reconnected)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            logger.warning("Redis takes no subscription, trying again: %r", error)
            return False
        return True

    async def _make_up(self) -> None:
        while self._missing:
            await asyncio.sleep(AGAIN_SECONDS)
            for channel in list(self._missing):
                if channel in self._missing and not await self._subscribed(channel):
                    break
                self._missing.discard(channel)


class PatientRedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """`channels_redis.pubsub.RedisPubSubChannelLayer` with patient connections; takes the same ``CONFIG``."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer = super()._get_layer()
        layer._shards = [
            shard if isinstance(shard, PatientShard) else PatientShard(shard.host, layer) for shard in layer._shards
        ]
        return layer

    def subscriptions(self) -> tuple[bool, int]:
        """Whether all subscriptions are in force, and how often they were interrupted so far."""
        shards = self._get_layer()._shards
        return all(shard.is_whole for shard in shards), sum(shard.interruptions for shard in shards)
