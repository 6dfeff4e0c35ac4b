"""An HTTP connection ends whatever its client does, and holds little of what is not read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import pytest

from consumers.server.http_channel import HTTP_BUFFER_BYTES
from tests.support.request_fixtures import Clock
from tests.support.servers.daphne_channel import Process, settle
from tests.support.servers.server import Server, wait_for
from tests.support.wire.http_client import HttpClient

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
PART = b"x" * 65_536


async def answers(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body and answers 50 KB."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"50000")]})
    await send({"type": "http.response.body", "body": b"a" * 50_000})


async def streams(scope: Any, receive: Any, send: Any) -> None:
    """Answers 20 MB in parts."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"19660800")]})
    for _ in range(300):
        await send({"type": "http.response.body", "body": PART, "more_body": True})
    await send({"type": "http.response.body"})


async def never(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.Event().wait()


async def test_a_silent_connection_is_closed(clock: Clock):
    process = Process(answers, idle_seconds=60)
    _, transport = process.connect()
    clock.wait(59)
    process.connections.sweep()
    assert not transport.disconnecting
    clock.wait(2)
    process.connections.sweep()

    assert transport.disconnecting


async def test_an_idle_connection_is_closed(clock: Clock):
    process = Process(answers, idle_seconds=60)
    channel, transport = process.connect()
    channel.dataReceived(GET)
    await settle()
    transport.read()
    clock.wait(59)
    process.connections.sweep()
    assert not transport.disconnecting
    clock.wait(2)
    process.connections.sweep()

    assert transport.disconnecting


async def test_headers_that_come_byte_by_byte_are_answered_with_408(clock: Clock):
    process = Process(answers, header_seconds=10)
    channel, transport = process.connect()
    for byte in GET[:12]:
        channel.dataReceived(bytes([byte]))
        clock.wait(1)
        process.connections.sweep()

    answer = transport.read()
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code": "body_too_slow"' in answer
    assert transport.is_half_closed


async def test_what_is_being_answered_is_not_waited_for(clock: Clock):
    process = Process(never)
    channel, transport = process.connect()
    channel.dataReceived(GET)
    await settle()
    clock.wait(10_000)
    process.connections.sweep()

    assert channel.waits_since is None
    assert not transport.disconnecting
    channel.connectionLost(ConnectionResetError())


async def test_an_application_waits_for_a_client_that_does_not_read():
    process = Process(streams)
    channel, transport = process.connect()
    channel.dataReceived(GET)
    await settle()
    assert len(transport.value()) <= HTTP_BUFFER_BYTES + len(PART) + 1000
    received = 0
    while data := transport.read():
        received += len(data)
        await settle()

    assert received > 19_660_800


async def test_who_reads_nothing_is_cut_off(clock: Clock):
    process = Process(streams, unread_seconds=30)
    channel, transport = process.connect()
    channel.dataReceived(GET)
    await settle()
    clock.wait(29)
    process.connections.sweep()
    assert not transport.is_aborted
    clock.wait(2)
    process.connections.sweep()
    assert transport.is_aborted
    # As the transport then does; the application must not wait forever.
    (answering,) = [details["application_instance"] for details in process.server.connections.values()]
    channel.stopProducing()
    channel.connectionLost(ConnectionResetError())
    await settle()

    assert answering.done()


async def test_pipelined_requests_wait_until_the_answer_before_was_read():
    process = Process(answers)
    channel, transport = process.connect()
    channel.dataReceived(GET * 1000)
    for _ in range(10):
        await settle()

    assert len(transport.value()) <= HTTP_BUFFER_BYTES + 50_000 + 1000
    assert not transport.is_read
    received = 0
    while data := transport.read():
        received += len(data)
        await settle()
    assert received > 1000 * 50_000


async def test_a_pipelined_request_knows_nothing_of_the_one_before():
    """Otherwise its application would be started by the end of the previous one, and run in its context."""
    marked: ContextVar[bool] = ContextVar("marked", default=False)
    seen: list[bool] = []

    async def marks(scope: Any, receive: Any, send: Any) -> None:
        seen.append(marked.get())
        marked.set(True)
        await answers(scope, receive, send)

    channel, _ = Process(marks).connect()
    channel.dataReceived(GET * 2)
    await settle()

    assert seen == [False, False]


async def test_nothing_more_is_read_while_a_request_is_answered():
    """Each byte that arrives meanwhile would cost as much as all before it, because Twisted sums them up."""
    process = Process(never)
    channel, transport = process.connect()
    channel.dataReceived(GET)
    await settle()
    assert transport.is_read
    channel.dataReceived(b"G")

    assert not transport.is_read
    channel.connectionLost(ConnectionResetError())


async def test_a_full_process_closes_who_has_waited_the_longest(clock: Clock):
    process = Process(never, max_connections=3)
    asked, asker = process.connect()
    asked.dataReceived(GET)
    clock.wait(1)
    _, silent = process.connect()
    clock.wait(1)
    _, other = process.connect()
    clock.wait(1)
    _, fresh = process.connect()

    assert [asker.is_aborted, silent.is_aborted, other.is_aborted, fresh.is_aborted] == [False, True, False, False]
    assert len(process.connections) == 3
    await settle()
    asked.connectionLost(ConnectionResetError())


async def test_an_early_answer_is_not_lost_in_the_body_that_follows_it(clock: Clock):
    async def refuses(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": [(b"Content-Length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    process = Process(refuses, unread_seconds=30)
    channel, transport = process.connect()
    channel.dataReceived(POST)
    await settle()
    answer = transport.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in answer
    for _ in range(20):
        channel.dataReceived(PART)
    assert transport.is_half_closed
    assert not transport.is_aborted
    for _ in range(500):
        channel.dataReceived(PART)

    assert transport.is_aborted


@pytest.mark.parametrize("wait", [31, 0])
async def test_a_refused_body_is_dropped_for_a_while_only(clock: Clock, wait: float):
    process = Process(answers, header_seconds=1, unread_seconds=30)
    channel, transport = process.connect()
    channel.dataReceived(b"GET")
    clock.wait(2)
    process.connections.sweep()
    clock.wait(wait)
    process.connections.sweep()

    assert transport.is_aborted is (wait > 30)


async def test_a_request_has_at_most_100_headers_and_16_kb_of_them():
    process = Process(answers)
    for head in (b"A: b\r\n" * 101, b"A: " + b"b" * 17_000 + b"\r\n"):
        channel, transport = process.connect()
        channel.dataReceived(b"GET / HTTP/1.1\r\n" + head + b"\r\n")
        await settle()

        assert not transport.value().startswith(b"HTTP/1.1 200")
        assert transport.disconnecting


# --- A real server


def test_a_stranger_who_pipelines_and_reads_nothing_costs_little(server: Server):
    """It used to be 128 MB per connection."""
    folder = server.var / "static"
    largest = max(folder.rglob("*.*.js"), key=lambda path: path.stat().st_size).relative_to(folder)
    ask = f"GET /static/{largest} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 2000
    before = server.memory_bytes()
    connections = []
    for _ in range(20):
        connections.append(socket.create_connection(("127.0.0.1", server.port), timeout=1))
        with suppress(TimeoutError):
            connections[-1].sendall(ask)
    wait_for(lambda: all(one.recv(1, socket.MSG_PEEK) for one in connections), 20, "every answer has begun")
    grown = server.memory_bytes() - before
    for one in connections:
        one.close()

    assert grown < 40_000_000


def test_slow_headers_and_silent_connections_end(make_server: Callable[..., Server]):
    server = make_server(UPLOADS_REQUESTS='{"header_seconds": 1, "idle_seconds": 2, "max_connections": 5}')
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost:")
        assert slow.recv(1000).startswith(b"HTTP/1.1 408 ")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as silent:
        assert silent.recv(1000) == b""
    many = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(20)]

    assert HttpClient(server.url).get("/marketing/").status == 200
    for one in many:
        one.close()
