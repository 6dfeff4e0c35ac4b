"""The runtime starts and stops with the ASGI lifespan protocol, under a server that implements it or under ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from consumers.runtime import Runtime
from consumers.server.lifespan import Lifespan, LifespanServer
from uploads.core.errors import Refusal
from uploads.grace import clock
from uploads.models import Process


@pytest.mark.django_db(transaction=True)
async def test_a_lifespan_beats_from_startup_to_shutdown():
    runtime = Runtime()
    server = LifespanServer(Lifespan(runtime))
    with pytest.raises(Refusal):
        runtime.process_id()
    await server.startup()
    process = await Process.objects.aget(pk=runtime.process_id())
    assert not process.draining
    await server.shutdown()
    await process.arefresh_from_db()

    assert process.draining
    with pytest.raises(Refusal):
        runtime.process_id()


async def test_a_start_without_a_database_is_reported(monkeypatch: pytest.MonkeyPatch):
    def no_database() -> int:
        raise DatabaseError("no such host")

    monkeypatch.setattr(clock, "tick", no_database)

    with pytest.raises(RuntimeError, match="no such host"):
        await LifespanServer(Lifespan(Runtime())).startup()


async def test_an_application_that_fails_is_not_waited_for():
    async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("No application configured for scope type 'lifespan'")

    with pytest.raises(ValueError, match="lifespan"):
        await LifespanServer(without_lifespan).startup()


async def test_an_application_that_returns_at_once_is_not_waited_for():
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()

    with pytest.raises(RuntimeError, match="without an answer"):
        await LifespanServer(silent).startup()
