"""What one socket may cost: outdated permissions, a client that does not read, too many messages of a session."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from consumers import dispatch
from consumers import runtime as runtime_module
from consumers.broadcast import events
from consumers.broadcast.connection_registry import refuse
from consumers.protocol import messages
from consumers.rate_limits import COMMANDS
from consumers.runtime import Runtime
from consumers.security import sessions
from consumers.transfers import Transfer
from consumers.turns import COMMANDS_AT_A_TIME
from consumers.websocket.consumer import PERMISSION_SECONDS
from tests.support.wire.asgi_socket import SECONDS, Socket, opened
from uploads.core.errors import Code, Refusal
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.files import admission

SHOWN = {"type": "draft.snapshot", "revision": 1, "sockets": 1, "text": '{"type":"snapshot"}'}


def user_of(session_key: str) -> str:
    """Whose session it is: one user has two, and that of any other is named as its user."""
    return "of-somebody" if session_key == "elsewhere" else session_key


def open_to_all(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """A process in which every draft is open to everybody and has one file being uploaded."""
    runtime = Runtime()
    runtime.heartbeat.process_id = uuid4()
    monkeypatch.setattr(dispatch, "connect", lambda key, *_: dispatch.OpenedSocket(uuid4(), user_of(key)))
    monkeypatch.setattr(sessions, "session_users", dict.fromkeys)
    monkeypatch.setattr(dispatch, "disconnect", lambda *_: None)
    monkeypatch.setattr(events, "read_snapshot", lambda _: dict(SHOWN))
    return runtime


async def in_time(work: Awaitable[object]) -> None:
    try:
        await asyncio.wait_for(work, SECONDS)
    except TimeoutError:
        raise AssertionError("it waits for the client") from None


class Writer:
    """A spool that counts."""

    size = 10_000_000

    def __init__(self) -> None:
        self.offset = 0

    def write(self, offset: int, payload: memoryview) -> int:
        self.offset += len(payload)
        return self.offset

    def close(self) -> None:
        """No connection is open."""


def sending(socket: Socket) -> Writer:
    writer: Any = Writer()
    socket.consumer.transfers.begin(Transfer(uuid4(), 1, writer))
    return writer


# --- Permissions


async def test_a_chunk_is_taken_on_an_answer_of_the_authoriser_that_is_not_too_old(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as socket:
        writer = sending(socket)
        socket.consumer.permitted_at = time.monotonic() - PERMISSION_SECONDS + 5
        socket.send_chunk(1000)
        await socket.until(lambda: writer.offset)

        assert writer.offset == 1000
        assert socket.closed_with is None


async def test_a_chunk_is_refused_when_the_last_answer_is_too_old(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as socket:
        writer = sending(socket)
        socket.consumer.permitted_at = time.monotonic() - PERMISSION_SECONDS - 1
        socket.send_chunk(1000)
        await socket.until(lambda: socket.closed_with)

        assert writer.offset == 0
        assert (socket.closed_with, socket.texts[-1]["code"]) == (4408, "lease_lost")


async def test_a_snapshot_is_kept_back_when_the_last_answer_is_too_old(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as socket:
        socket.consumer.permitted_at = time.monotonic() - PERMISSION_SECONDS - 1
        await socket.consumer.draft_snapshot({**SHOWN, "revision": 2})
        await socket.until(lambda: socket.closed_with)

        assert [text["type"] for text in socket.texts] == ["snapshot", "error"]
        assert socket.closed_with == 4408


@pytest.mark.parametrize(
    ("code", "closed_with"), [(Code.NOT_ALLOWED, 4403), (Code.SIGNED_OUT, 4401), (Code.DRAFT_NOT_FOUND, 4404)]
)
async def test_a_command_that_has_no_right_ends_the_socket(
    monkeypatch: pytest.MonkeyPatch, code: Code, closed_with: int
):
    runtime = open_to_all(monkeypatch)

    def refuse(*_: object) -> None:
        raise Refusal(code)

    monkeypatch.setattr(dispatch, "permitted_user", refuse)
    async with opened(runtime) as socket:
        writer = sending(socket)
        socket.say(type="remove", op="a", file=str(uuid4()))
        socket.send_chunk(1000)
        await socket.until(lambda: socket.closed_with)

        assert socket.closed_with == closed_with
        assert writer.offset == 0


# --- A client that does not read


async def test_who_announces_something_waits_for_no_client(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    draft_id = uuid4()
    async with opened(runtime, draft_id=draft_id) as deaf, opened(runtime, draft_id=draft_id) as other:
        deaf.reads.clear()
        for revision in range(2, 50):
            await in_time(runtime.broadcaster.publish_locally(draft_id))
            await in_time(other.consumer.draft_snapshot({**SHOWN, "revision": revision}))
            await in_time(deaf.consumer.draft_snapshot({**SHOWN, "revision": revision}))
        await other.until(lambda: other.consumer.revision == 49)

        assert len(deaf.texts) == 2


async def test_a_client_that_does_not_read_is_sent_away_all_the_same(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as deaf, opened(runtime) as other:
        deaf.reads.clear()
        await in_time(refuse(runtime.connections, Code.RESTARTING))

        assert (deaf.closed_with, other.closed_with) == (4503, 4503)


async def test_its_own_messages_wait_while_it_does_not_read(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as deaf:
        deaf.reads.clear()
        for _ in range(50):
            deaf.say(type="ping")
        await asyncio.sleep(0.05)
        answered = len(deaf.texts)
        deaf.reads.set()
        await deaf.until(lambda: len(deaf.texts) == 51)

        assert answered == 2


# --- Rates


async def test_the_sessions_of_a_user_share_a_pace(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as one, opened(runtime, session_key="elsewhere") as two:
        for _ in range(COMMANDS.burst // 2 + 50):
            one.say(type="ping")
            two.say(type="ping")
        await one.until(lambda: one.closed_with or two.closed_with)

        assert {one.closed_with, two.closed_with} & {4429}
        async with opened(runtime, session_key="of-another") as other:
            other.say(type="ping")
            await other.until(lambda: len(other.texts) == 2)

            assert other.closed_with is None


async def test_small_chunks_count_and_full_ones_do_not(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime) as socket:
        size = socket.consumer.limits.chunk_bytes
        for _ in range(COMMANDS.burst + 10):
            socket.send_chunk(size)
            await socket.handled()
        with_full_chunks = socket.closed_with
        for _ in range(COMMANDS.burst + 100):
            socket.send_chunk(1)
            await socket.handled()
        await socket.until(lambda: socket.closed_with)

        assert with_full_chunks is None
        assert (socket.closed_with, socket.texts[-1]["code"]) == (4429, "too_fast")


async def test_all_tabs_of_a_user_share_the_pace_of_adds(monkeypatch: pytest.MonkeyPatch):
    """Whatever their sessions, the rows belong to the user."""
    runtime = open_to_all(monkeypatch)
    monkeypatch.setattr(admission, "adds", KeyedLimiter(Rate(3, 0.0)))
    monkeypatch.setattr(dispatch, "permitted_user", lambda *_: SimpleNamespace(pk=7))
    monkeypatch.setitem(dispatch.HANDLERS, messages.Add, lambda *_: 1)
    async with opened(runtime) as one, opened(runtime, session_key="elsewhere") as two:
        for tab in (one, two, one, two):
            before = len(tab.texts)
            tab.say(type="add", op="a", file=str(uuid4()), name="x", size=1, content_type="image/jpeg")
            await tab.until(lambda: len(tab.texts) > before)  # noqa: B023 - awaited at once

        assert [text["type"] for text in [*one.texts[1:], *two.texts[1:-1]]] == ["ok"] * 3
        assert two.texts[-1].get("code") == "too_fast"


async def test_a_session_has_forty_sockets_and_another_one_when_one_ends(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    runtime.session_sockets.enter("of-somebody", 1)
    for _ in range(38):
        assert runtime.session_sockets.enter("of-somebody", 40)
    async with opened(runtime) as fortieth:
        async with opened(runtime) as one_too_many:
            await one_too_many.until(lambda: one_too_many.closed_with)
        assert (fortieth.closed_with, one_too_many.closed_with) == (None, 4429)
        assert "tabs" in one_too_many.texts[0]["message"]
    async with opened(runtime) as next_one:
        assert next_one.closed_with is None


async def test_what_is_typed_too_fast_is_late_and_not_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime_module, "TURN_SECONDS", 0)
    monkeypatch.setattr(dispatch, "perform", lambda *_: 2)
    runtime = open_to_all(monkeypatch)
    answers = iter([False, False, True])
    asked: list[str] = []

    def take(key: str, now: float) -> bool:
        asked.append(key)
        return next(answers)

    monkeypatch.setattr(runtime.typing_limiter, "take", take)
    async with opened(runtime, session_key="elsewhere") as socket:
        socket.say(type="note", op="a", fields={"title": ["Mug"]})
        await socket.until(lambda: any(one.get("op") == "a" for one in socket.texts))

        assert socket.closed_with is None
        assert asked == ["of-somebody"] * 3
        assert list(answers) == []


async def test_snapshots_are_asked_for_at_the_pace_of_the_user(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    asked: list[str] = []

    def take(key: str, now: float) -> bool:
        asked.append(key)
        return True

    monkeypatch.setattr(runtime.sync_limiter, "take", take)
    async with opened(runtime, session_key="elsewhere") as socket:
        socket.say(type="sync")
        await socket.until(lambda: asked)

    assert asked == ["of-somebody"]


async def test_the_commands_of_many_tabs_of_a_user_leave_threads_to_others(monkeypatch: pytest.MonkeyPatch):
    begun: list[str] = []
    held = threading.Event()

    def perform(context: dispatch.RequestContext, *_: object) -> int:
        begun.append(user_of(context.session_key))
        assert held.wait(SECONDS)
        return 2

    monkeypatch.setattr(dispatch, "perform", perform)
    runtime = open_to_all(monkeypatch)
    async with (
        opened(runtime) as one,
        opened(runtime, session_key="elsewhere") as two,
        opened(runtime, session_key="elsewhere") as three,
        opened(runtime, session_key="of-another") as other,
    ):
        for socket in (one, two, three, other):
            socket.say(type="remove", op="a", file=str(uuid4()))
        await other.until(lambda: "of-another" in begun)
        assert begun.count("of-somebody") <= COMMANDS_AT_A_TIME
        held.set()
        await three.until(lambda: any(answer.get("op") == "a" for answer in three.texts))

    assert begun.count("of-somebody") == 3


async def test_a_stranger_is_refused_before_anything_is_counted(monkeypatch: pytest.MonkeyPatch):
    runtime = open_to_all(monkeypatch)
    async with opened(runtime, session_key="") as stranger:
        await stranger.until(lambda: stranger.closed_with)

    assert stranger.closed_with == 4401
    assert not runtime.session_sockets._open
    assert not runtime.connect_limiter._buckets
