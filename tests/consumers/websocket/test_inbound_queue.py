"""The pump between the server's unbounded queue and the consumer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from consumers.websocket.inbound_queue import FLOOD, Pump
from uploads.core.limits import Limits

LIMITS = Limits(chunk_bytes=1024, window_chunks=2)
GONE = {"type": "websocket.disconnect", "code": 1006}


def chunk(size: int = 1036) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": b"\0" * size}


@pytest.fixture
async def queue() -> asyncio.Queue[dict[str, Any]]:
    return asyncio.Queue()


@pytest.fixture
async def pump(queue: asyncio.Queue[dict[str, Any]]) -> AsyncIterator[Pump]:
    pump = Pump(queue.get, LIMITS)
    yield pump
    pump.stop()


async def drained(queue: asyncio.Queue[dict[str, Any]]) -> None:
    """Let the pump take everything that waits."""
    for _ in range(queue.qsize() + 2):
        await asyncio.sleep(0)


async def test_events_come_out_in_order(queue: asyncio.Queue[dict[str, Any]], pump: Pump):
    events = [{"type": "websocket.receive", "text": str(number)} for number in range(5)]
    for event in events:
        queue.put_nowait(event)

    assert [await pump.receive() for _ in events] == events


async def test_a_flood_is_told_at_once_and_buffers_nothing(queue: asyncio.Queue[dict[str, Any]], pump: Pump):
    for _ in range(1000):
        queue.put_nowait(chunk())
    await drained(queue)

    assert await pump.receive() == FLOOD
    queue.put_nowait(GONE)
    assert await pump.receive() == GONE


async def test_the_end_drops_waiting_chunks_but_no_command(queue: asyncio.Queue[dict[str, Any]], pump: Pump):
    command = {"type": "websocket.receive", "text": "{}"}
    for event in (chunk(), command, chunk(), GONE):
        queue.put_nowait(event)
    await drained(queue)

    assert [await pump.receive(), await pump.receive()] == [command, GONE]


async def test_handled_chunks_give_their_credit_back(queue: asyncio.Queue[dict[str, Any]], pump: Pump):
    for _ in range(100):
        queue.put_nowait(chunk())
        assert await pump.receive() == chunk()
