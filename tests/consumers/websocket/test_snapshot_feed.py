"""The snapshots of one socket: one being sent, one waiting."""

from __future__ import annotations

import asyncio
from typing import Any

from consumers.websocket.snapshot_feed import SnapshotFeed


class Client:
    """A draft that is read, and a client that reads its snapshots when it wants to."""

    def __init__(self, tokens: int = 1_000) -> None:
        self.reads, self.tokens = 0, tokens
        self.taken: list[Any] = []
        self.wants = asyncio.Event()
        self.wants.set()
        self.feed = SnapshotFeed(self._read, self._take, self._turn)

    async def _read(self) -> dict[str, Any]:
        self.reads += 1
        return {"revision": f"read {self.reads}"}

    async def _take(self, event: dict[str, Any]) -> None:
        await self.wants.wait()
        self.taken.append(event["revision"])

    async def _turn(self) -> None:
        self.tokens -= 1
        if self.tokens < 0:
            await asyncio.Event().wait()


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_asked_and_what_is_offered_is_sent():
    client = Client()
    client.feed.ask()
    await turns()
    client.feed.offer({"revision": 7})
    await turns()

    assert client.taken == ["read 1", 7]


async def test_a_client_that_does_not_read_has_one_snapshot_under_way_and_one_waiting():
    client = Client()
    client.wants.clear()
    for revision in range(100):
        client.feed.offer({"revision": revision})
        client.feed.ask()
        await turns(2)
    client.wants.set()
    await turns()

    assert client.taken == [0, 99, "read 1"]


async def test_asking_without_end_reads_the_draft_at_its_pace():
    client = Client(tokens=3)
    for _ in range(100):
        client.feed.ask()
        await turns()
    asked = client.reads
    client.feed.stop()

    assert asked == 3


async def test_nothing_is_sent_after_the_end():
    client = Client()
    client.wants.clear()
    client.feed.offer({"revision": 1})
    await turns()
    client.feed.stop()
    client.wants.set()
    await turns()

    assert client.taken == []


async def test_a_feed_that_is_stopped_by_what_it_sends_comes_to_its_end():
    """A snapshot that may no longer be shown closes the socket, and the close still has to be sent."""
    done: list[str] = []

    async def refuse(event: dict[str, Any]) -> None:
        feed.stop()
        await asyncio.sleep(0)
        done.append("closed")

    client = Client()
    feed = SnapshotFeed(client._read, refuse, client._turn)
    feed.ask()
    await turns()

    assert done == ["closed"]
