"""The hub starts and stops with servers that speak the ASGI lifespan protocol."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.db import DatabaseError

from consumers.runtime import hub
from consumers.server.lifespan import Lifespan
from uploads.grace import clock
from uploads.models import Process


async def served(
    answered: asyncio.Event,
) -> tuple[asyncio.Queue[dict[str, Any]], asyncio.Task[None], list[str]]:
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[str] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event["type"])
        answered.set()

    return incoming, asyncio.create_task(Lifespan()({"type": "lifespan"}, incoming.get, send)), sent


@pytest.mark.django_db(transaction=True)
async def test_a_lifespan_beats_from_startup_to_shutdown():
    answered = asyncio.Event()
    incoming, task, sent = await served(answered)
    await incoming.put({"type": "lifespan.startup"})
    await asyncio.wait_for(answered.wait(), 10)
    process = await Process.objects.aget(pk=hub.process_id())
    assert (sent, process.draining) == (["lifespan.startup.complete"], False)
    await incoming.put({"type": "lifespan.shutdown"})
    await task
    await process.arefresh_from_db()

    assert sent[-1] == "lifespan.shutdown.complete"
    assert process.draining
    assert hub.heart.process_id is None


async def test_a_start_without_a_database_is_reported(monkeypatch: pytest.MonkeyPatch):
    def no_database() -> int:
        raise DatabaseError("no such host")

    monkeypatch.setattr(clock, "tick", no_database)
    answered = asyncio.Event()
    incoming, task, sent = await served(answered)
    await incoming.put({"type": "lifespan.startup"})
    await task

    assert sent == ["lifespan.startup.failed"]
