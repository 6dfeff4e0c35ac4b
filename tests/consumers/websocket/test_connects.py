"""How clients that connect in loops, or with sessions they made up, are held back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Collection
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer
from django.db import DatabaseError

from consumers import dispatch
from consumers import runtime as runtime_module
from consumers.runtime import Runtime, wait_for_token
from consumers.security import sessions
from consumers.turns import CONNECTS_AT_A_TIME, CONNECTS_OF_A_DRAFT
from consumers.websocket import consumer as websocket_consumer
from tests.consumers.websocket.test_bounded import open_to_all
from tests.support.wire.asgi_socket import SECONDS, Socket, opened
from uploads.core.errors import Refusal
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.runtime.threads import database


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

    monkeypatch.setattr(sessions, "session_users", lambda _: {})
    monkeypatch.setattr(get_channel_layer(), "group_add", group_add)

    assert await refused_late(runtime, "made-up", monkeypatch) == 4401
    assert joined == []


async def test_a_handshake_is_answered_after_the_session_was_looked_up(monkeypatch: pytest.MonkeyPatch):
    """A client that makes sessions up would otherwise be back at once."""
    runtime = open_to_all(monkeypatch)
    lookup = Held()
    monkeypatch.setattr(sessions, "session_users", lookup.live)
    socket = Socket(runtime)
    serving = asyncio.ensure_future(socket.serve("of-somebody", uuid4()))
    await socket.until(lambda: lookup.calls)
    before = list(socket.sent)
    lookup.over.set()
    await socket.until(lambda: socket.texts)
    socket.end()
    await serving

    assert before == []
    assert [event["type"] for event in socket.sent] == ["websocket.accept", "websocket.send"]


async def test_a_locked_draft_delays_neither_the_handshake_nor_the_sockets_of_others(monkeypatch: pytest.MonkeyPatch):
    """Browsers wait 5 s for the handshake, and take WebSockets for blocked after the second time."""
    runtime = open_to_all(monkeypatch)
    locked = uuid4()
    lock = Held()

    def connect(key: str, draft_id: UUID, *_: object) -> dispatch.OpenedSocket:
        if draft_id == locked:
            lock.hold()
        return dispatch.OpenedSocket(uuid4(), key)

    monkeypatch.setattr(dispatch, "connect", connect)
    waiting = [Socket(runtime) for _ in range(database.size)]
    serving = [asyncio.ensure_future(socket.serve(f"{at}", locked)) for at, socket in enumerate(waiting)]
    try:
        for socket in waiting:
            await socket.until(lambda: socket.sent)  # noqa: B023 - awaited at once
        async with opened(runtime) as other:
            sent = [len(other.sent), *(len(socket.sent) for socket in waiting)]
            calls = lock.calls
    finally:
        lock.over.set()
        for socket in waiting:
            socket.end()
        await asyncio.gather(*serving)

    assert sent == [2, *[1] * len(waiting)]
    assert calls == CONNECTS_OF_A_DRAFT


async def test_tabs_that_return_together_leave_threads_to_others(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    slow = Held()

    def connect(key: str, *_: object) -> dispatch.OpenedSocket:
        slow.hold()
        return dispatch.OpenedSocket(uuid4(), key)

    monkeypatch.setattr(dispatch, "connect", connect)
    waiting = [Socket(runtime) for _ in range(database.size)]
    serving = [asyncio.ensure_future(socket.serve(f"{at}", uuid4())) for at, socket in enumerate(waiting)]
    try:
        for socket in waiting:
            await socket.until(lambda: socket.sent)  # noqa: B023 - awaited at once
        await waiting[0].until(lambda: slow.calls >= CONNECTS_AT_A_TIME)
        await database.run(int)
        calls = slow.calls
    finally:
        slow.over.set()
        for socket in waiting:
            socket.end()
        await asyncio.gather(*serving)

    assert calls == CONNECTS_AT_A_TIME


async def test_a_session_that_cannot_be_looked_up_is_not_signed_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    runtime = open_to_all(monkeypatch)

    def fail(_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(sessions, "session_users", fail)
    async with opened(runtime) as socket:
        await socket.until(lambda: socket.closed_with)

    assert socket.texts[-1]["code"] == "server_error"
    assert "could not be looked up" in caplog.text


async def test_who_is_gone_before_the_draft_can_be_opened_opens_none(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    lookup = Held()
    asked: list[str] = []

    def connect(key: str, *_: object) -> dispatch.OpenedSocket:
        asked.append(key)
        return dispatch.OpenedSocket(uuid4(), key)

    monkeypatch.setattr(dispatch, "connect", connect)
    monkeypatch.setattr(sessions, "session_users", lookup.live)
    hasty, patient = Socket(runtime), Socket(runtime)
    serving = [
        asyncio.ensure_future(socket.serve(key, uuid4())) for socket, key in ((hasty, "hasty"), (patient, "patient"))
    ]
    await hasty.until(lambda: lookup.calls)
    hasty.end()
    await hasty.handled()
    lookup.over.set()
    await patient.until(lambda: patient.texts)
    patient.end()
    await asyncio.gather(*serving)

    assert asked == ["patient"]


async def test_who_is_gone_takes_no_token_of_the_session(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime_module, "TURN_SECONDS", 0)
    limiter = KeyedLimiter(Rate(1, 0.0))
    with pytest.raises(Refusal):
        await wait_for_token(limiter, "mine", lambda: True)

    await wait_for_token(limiter, "mine", lambda: False)


class Held:
    """Calls in threads of the database that return when the test says so."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.calls = 0

    def hold(self) -> None:
        self.calls += 1
        assert self.over.wait(SECONDS)

    def live(self, keys: Collection[str]) -> Collection[str]:
        """Look sessions up, all of which are live."""
        self.hold()
        return keys


async def refused_late(runtime: Runtime, session_key: str, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """Open a socket, which has to wait, and return its close code."""
    monkeypatch.setattr(websocket_consumer, "DETAIN_SECONDS", waited := 0.2)
    began = time.monotonic()
    async with opened(runtime, session_key=session_key) as refused:
        await refused.until(lambda: refused.closed_with)
    assert time.monotonic() - began >= waited
    return refused.closed_with
