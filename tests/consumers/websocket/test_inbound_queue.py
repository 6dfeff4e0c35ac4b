"""The queue between the server's unbounded queue and the consumer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from consumers.rate_limits import COMMANDS
from consumers.websocket.inbound_queue import InboundQueue, flood
from uploads.core.errors import Code
from uploads.core.limits import Limits

LIMITS = Limits(chunk_bytes=1024, window_chunks=2)
GONE = {"type": "websocket.disconnect", "code": 1006}


def chunk(size: int = 1036) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": b"\0" * size}


@pytest.fixture
async def queue() -> asyncio.Queue[dict[str, Any]]:
    return asyncio.Queue()


@pytest.fixture
async def inbound(queue: asyncio.Queue[dict[str, Any]]) -> AsyncIterator[InboundQueue]:
    inbound = InboundQueue(queue.get, LIMITS)
    yield inbound
    inbound.stop()


async def drained(queue: asyncio.Queue[dict[str, Any]]) -> None:
    """Let the queue take everything that is waiting."""
    for _ in range(queue.qsize() + 2):
        await asyncio.sleep(0)


async def test_events_come_out_in_order(queue: asyncio.Queue[dict[str, Any]], inbound: InboundQueue):
    events = [{"type": "websocket.receive", "text": str(number)} for number in range(5)]
    for event in events:
        queue.put_nowait(event)

    assert [await inbound.receive() for _ in events] == events


async def test_a_flood_is_told_at_once_and_buffers_nothing(queue: asyncio.Queue[dict[str, Any]], inbound: InboundQueue):
    for _ in range(1000):
        queue.put_nowait(chunk())
    await drained(queue)

    assert await inbound.receive() == flood(Code.TOO_MUCH_DATA)
    queue.put_nowait(GONE)
    assert await inbound.receive() == GONE


async def test_empty_messages_wait_in_a_bounded_number():
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    inbound = InboundQueue(queue.get, LIMITS)
    for _ in range(COMMANDS.burst + 1):
        queue.put_nowait({"type": "websocket.receive", "text": ""})
    await drained(queue)

    assert await inbound.receive() == flood(Code.TOO_FAST)
    inbound.stop()


async def test_the_end_drops_waiting_chunks_but_no_command(queue: asyncio.Queue[dict[str, Any]], inbound: InboundQueue):
    command = {"type": "websocket.receive", "text": "{}"}
    for event in (chunk(), command, chunk(), GONE):
        queue.put_nowait(event)
    await drained(queue)

    assert [await inbound.receive(), await inbound.receive()] == [command, GONE]


async def test_handled_chunks_give_their_credit_back(queue: asyncio.Queue[dict[str, Any]], inbound: InboundQueue):
    for _ in range(100):
        queue.put_nowait(chunk())
        assert await inbound.receive() == chunk()
