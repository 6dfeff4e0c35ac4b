"""How clients that connect in loops, or with sessions they made up, are held back."""

from __future__ import annotations

import asyncio
import threading
import time
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from consumers import dispatch
from consumers.runtime import Runtime
from consumers.session_lookups import LOOKUPS_AT_A_TIME
from consumers.websocket import consumer as websocket_consumer
from tests.consumers.websocket.test_bounded import open_to_all
from tests.support.wire.asgi_socket import SECONDS, Socket, opened
from uploads.core.errors import Code, Refusal


async def test_who_connects_in_a_loop_waits_for_each_refusal(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    while runtime.connect_limiter.take("of-somebody", time.monotonic()):
        pass
    assert await refused_late(runtime, "of-somebody", monkeypatch) == 4429


async def test_a_stranger_waits_for_the_refusal(monkeypatch: pytest.MonkeyPatch):
    assert await refused_late(open_to_all(monkeypatch), "", monkeypatch) == 4401


async def test_who_makes_a_session_up_waits_for_the_refusal_and_joins_nothing(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    joined: list[str] = []

    async def group_add(group: str, channel: str) -> None:
        joined.append(group)

    def refuse(*_: object) -> None:
        raise Refusal(Code.SIGNED_OUT)

    monkeypatch.setattr(dispatch, "connect", refuse)
    monkeypatch.setattr(get_channel_layer(), "group_add", group_add)

    assert await refused_late(runtime, "made-up", monkeypatch) == 4401
    assert joined == []


async def test_a_handshake_is_answered_after_the_session_was_looked_up(monkeypatch: pytest.MonkeyPatch):
    """A client that makes sessions up would otherwise be back at once."""
    runtime = open_to_all(monkeypatch)
    held = threading.Event()
    asked = threading.Event()

    def connect(key: str, *_: object) -> dispatch.OpenedSocket:
        asked.set()
        assert held.wait(SECONDS)
        return dispatch.OpenedSocket(uuid4(), key)

    monkeypatch.setattr(dispatch, "connect", connect)
    socket = Socket(runtime)
    serving = asyncio.ensure_future(socket.serve("of-somebody", uuid4()))
    await socket.until(asked.is_set)
    before = list(socket.sent)
    held.set()
    await socket.until(lambda: socket.texts)
    socket.end()
    await serving

    assert before == []
    assert [event["type"] for event in socket.sent] == ["websocket.accept", "websocket.send"]


async def test_who_is_gone_before_their_turn_is_not_looked_up(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    asked: list[str] = []
    held = threading.Event()

    def connect(key: str, *_: object) -> dispatch.OpenedSocket:
        asked.append(key)
        assert held.wait(SECONDS)
        return dispatch.OpenedSocket(uuid4(), key)

    monkeypatch.setattr(dispatch, "connect", connect)
    first = [Socket(runtime) for _ in range(LOOKUPS_AT_A_TIME)]
    hasty, last = Socket(runtime), Socket(runtime)
    serving = [
        asyncio.ensure_future(socket.serve(f"made-up {number}", uuid4()))
        for number, socket in enumerate([*first, hasty, last])
    ]
    await first[-1].until(lambda: len(asked) == LOOKUPS_AT_A_TIME)
    hasty.end()
    await hasty.handled()
    held.set()
    await last.until(lambda: last.texts)
    for socket in (*first, last):
        socket.end()
    await asyncio.gather(*serving)

    assert [key for key in asked if key.endswith(("2", "3"))] == ["made-up 3"]


async def refused_late(runtime: Runtime, session_key: str, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """Open a socket, which has to wait, and return its close code."""
    monkeypatch.setattr(websocket_consumer, "DETAIN_SECONDS", waited := 0.2)
    began = time.monotonic()
    async with opened(runtime, session_key=session_key) as refused:
        await refused.until(lambda: refused.closed_with)
    assert time.monotonic() - began >= waited
    return refused.closed_with
