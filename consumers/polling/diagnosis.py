"""Why a tab has no live connection, as far as the server can tell; the tab asks over HTTP.

A browser cannot see why a handshake was refused, so a misconfigured server and a network that blocks WebSockets look
the same to it.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from consumers.security import origin
from uploads.core.service_time import OUTAGE_MS
from uploads.grace import clock
from uploads.models import ServiceClock

NO_HEARTBEAT = "no_heartbeat"
ORIGIN_REFUSED = "origin_refused"
NO_LAYER = "no_layer"
LAYER_SECONDS = 2.0


def problem(page: str, host: str) -> str:
    """Return the worst problem of the server for a page of origin `page` that asks `host`; empty if there is none.

    Without a heartbeat no image is ever stored. The other problems only prevent live updates.
    """
    if not _has_heartbeat():
        return NO_HEARTBEAT
    if origin.is_refused(page, host):
        return ORIGIN_REFUSED
    return "" if _layer_responds() else NO_LAYER


def _has_heartbeat() -> bool:
    """Whether any process ticks the service clock; False as well if it has never been started."""
    row = ServiceClock.objects.filter(pk=1).first()
    return row is not None and clock.database_now_ms() - row.last_ms <= OUTAGE_MS


def _layer_responds() -> bool:
    layer = get_channel_layer()
    if layer is None:
        return False

    async def send() -> None:
        async with asyncio.timeout(LAYER_SECONDS):
            await layer.group_send(f"diagnosis-{uuid4()}", {"type": "diagnosis"})

    try:
        async_to_sync(send)()
    except Exception:  # noqa: BLE001 - a layer may raise anything
        return False
    return True
