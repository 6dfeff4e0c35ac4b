"""The broadcaster of one process: what its connections receive, and what a failing channel layer costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer

from consumers.broadcast import broadcaster as module
from consumers.broadcast.broadcaster import SNAPSHOT_INTERVAL, Broadcaster
from consumers.broadcast.connection_registry import ConnectionRegistry, refuse
from tests.support.time.service_clock import service_clock
from tests.support.wire.draft_driver import Driver
from tests.support.wire.polling_client import client, driver, make_client
from uploads import signals
from uploads.core.errors import Code, Refusal
from uploads.runtime.threads import database

__all__ = ["client", "driver", "make_client", "service_clock"]


class Tab:
    """A connection that records what it receives."""

    def __init__(self, draft_id: UUID) -> None:
        self.draft_id, self.session_key, self.revision = draft_id, "", 0
        self.socket_id: UUID | None = None
        self.permitted_at = 0.0
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.refusals: list[Code] = []

    async def draft_snapshot(self, event: dict[str, Any]) -> None:
        self.told.put_nowait(event)

    async def draft_ended(self, event: dict[str, Any]) -> None:
        self.told.put_nowait(event)

    async def refuse(self, refusal: Refusal) -> None:
        self.refusals.append(refusal.code)
        if self.revision < 0:
            raise ConnectionError


@pytest.fixture
def connections() -> ConnectionRegistry:
    return ConnectionRegistry()


@pytest.fixture
async def broadcaster(connections: ConnectionRegistry) -> AsyncIterator[Broadcaster]:
    broadcaster = Broadcaster(connections)
    broadcaster.start()
    yield broadcaster
    broadcaster.stop()


async def next_event(tab: Tab) -> dict[str, Any]:
    return await asyncio.wait_for(tab.told.get(), 10)


@pytest.mark.usefixtures("broadcaster")
async def test_a_change_is_shown_to_the_tabs_of_its_draft_and_to_no_other(
    driver: Driver, connections: ConnectionRegistry
):
    tab, other = Tab(driver.id), Tab(uuid4())
    for one in (tab, other):
        connections.add(one)
    await database.run(driver.add, "new.jpg")

    assert '"name":"new.jpg"' in (await next_event(tab))["text"]
    assert other.told.empty()


@pytest.mark.usefixtures("broadcaster")
async def test_many_changes_at_once_are_few_snapshots_and_the_last_is_whole(
    driver: Driver, connections: ConnectionRegistry
):
    connections.add(tab := Tab(driver.id))
    for _ in range(50):
        signals.draft_changed.send(None, draft_id=driver.id)
    await next_event(tab)
    await database.run(driver.add, "last.jpg")
    for _ in range(50):
        signals.draft_changed.send(None, draft_id=driver.id)
    last = await next_event(tab)
    await asyncio.sleep(2 * SNAPSHOT_INTERVAL)

    assert '"name":"last.jpg"' in last["text"]
    assert tab.told.empty()


@pytest.mark.usefixtures("broadcaster")
async def test_the_end_is_told_with_its_close_code(driver: Driver, connections: ConnectionRegistry):
    connections.add(tab := Tab(driver.id))
    await database.run(driver.commit)

    text = '{"type":"ended","reason":"committed","by":"ada","url":"/products/7/","names":[],"deleted":false}'
    assert await next_event(tab) == {"type": "draft.ended", "text": text, "close": 4409}


async def test_nothing_is_told_after_the_stop(driver: Driver, connections: ConnectionRegistry):
    connections.add(tab := Tab(driver.id))
    broadcaster = Broadcaster(connections)
    broadcaster.start()
    broadcaster.stop()
    broadcaster.stop()
    await database.run(driver.add)
    await asyncio.sleep(0.1)

    assert tab.told.empty()


async def test_a_layer_that_failed_is_left_alone_for_a_while(broadcaster: Broadcaster, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    async def fail(group: str, event: dict[str, Any]) -> None:
        asked.append(group)
        raise ConnectionError

    monkeypatch.setattr(get_channel_layer(), "group_send", fail)
    monkeypatch.setattr(module, "LAYER_PAUSE_SECONDS", 0.2)
    for _ in range(5):
        await broadcaster.send_to_group("draft-1", {"type": "draft.snapshot"})
    assert len(asked) == 1
    await asyncio.sleep(0.25)
    await broadcaster.send_to_group("draft-1", {"type": "draft.snapshot"})

    assert len(asked) == 2


async def test_a_connection_that_cannot_be_told_keeps_no_other_from_it(connections: ConnectionRegistry):
    broken, whole = Tab(uuid4()), Tab(uuid4())
    broken.revision = -1
    for tab in (broken, whole):
        connections.add(tab)
    await refuse(connections, Code.RESTARTING)

    assert (broken.refusals, whole.refusals) == ([Code.RESTARTING], [Code.RESTARTING])


async def test_after_a_failure_events_are_doubted_for_a_while(
    broadcaster: Broadcaster, monkeypatch: pytest.MonkeyPatch
):
    async def fail(group: str, event: dict[str, Any]) -> None:
        raise ConnectionError

    assert not broadcaster.may_have_missed_events()
    monkeypatch.setattr(get_channel_layer(), "group_send", fail)
    monkeypatch.setattr(module, "DOUBT_SECONDS", 0.2)
    await broadcaster.send_to_group("draft-1", {"type": "draft.snapshot"})
    assert broadcaster.may_have_missed_events()
    await asyncio.sleep(0.25)
    assert not broadcaster.may_have_missed_events()


async def test_an_interrupted_subscription_is_doubted_as_long_as_it_lasts_and_then_for_a_while(
    broadcaster: Broadcaster, monkeypatch: pytest.MonkeyPatch
):
    state = (True, 0)
    monkeypatch.setattr(get_channel_layer(), "subscriptions", lambda: state, raising=False)
    monkeypatch.setattr(module, "DOUBT_SECONDS", 0.2)
    assert not broadcaster.may_have_missed_events()
    state = (False, 0)
    assert broadcaster.may_have_missed_events()
    await asyncio.sleep(0.25)
    assert broadcaster.may_have_missed_events()
    # Shorter than the time between two checks.
    state = (True, 0)
    await asyncio.sleep(0.25)
    assert not broadcaster.may_have_missed_events()
    state = (True, 1)
    assert broadcaster.may_have_missed_events()
