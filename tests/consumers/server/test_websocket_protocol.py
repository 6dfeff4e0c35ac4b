"""A connection that does not read, or sends without end, on Daphne's own protocol without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from consumers.server.daphne import MAX_FRAME_BYTES, Launcher  # isort: skip - installs the reactor
from autobahn.exception import PayloadExceededError
from daphne.ws_protocol import WebSocketFactory
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from consumers.rate_limits import FRAMES
from consumers.server import websocket_protocol
from consumers.server.websocket_protocol import READ_BYTES, SMALL_READ_BYTES, STEPS_PER_TURN, BoundedWebSocket
from tests.support.wire.raw_socket import BINARY, CLOSE, CONTINUATION, PING, TEXT, frame

HANDSHAKE = (
    b"GET /ws/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Daphne:
    """The parts of Daphne's server that its protocol needs."""

    root_path = ""
    proxy_forwarded_address_header = None

    def __init__(self) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def create_application(self, *_: object) -> asyncio.Queue[dict[str, Any]]:
        return self.events

    def protocol_connected(self, *_: object) -> None:
        """Counts nothing."""

    protocol_disconnected = log_action = protocol_connected


class Transport(StringTransport):
    """A transport in the state in which the HTTP side leaves it at the upgrade."""

    bufferSize = READ_BYTES  # noqa: N815 - Twisted's name

    def __init__(self) -> None:
        super().__init__()
        self.registerProducer(object(), True)


class Connection:
    """An accepted connection."""

    def __init__(self) -> None:
        self.server = Daphne()
        factory = WebSocketFactory(self.server)
        factory.setProtocolOptions(maxFramePayloadSize=MAX_FRAME_BYTES, maxMessagePayloadSize=MAX_FRAME_BYTES)
        self.protocol = BoundedWebSocket()
        self.protocol.factory = factory
        self.protocol._raw_query_string = b""
        self.transport = Transport()
        self.protocol.makeConnection(self.transport)

    def accept(self) -> Connection:
        self.receive(HANDSHAKE)
        self.protocol.serverAccept()
        return self

    def receive(self, content: bytes) -> None:
        self.protocol.dataReceived(content)

    @property
    def received(self) -> int:
        """Return the messages received by the application, except its connect."""
        return self.server.events.qsize() - 1

    @property
    def is_read(self) -> bool:
        return self.transport.producerState == "producing"

    async def settled(self) -> None:
        """Wait until everything that was read has been handled."""
        left, same = -1, 0
        while same < 50:
            await asyncio.sleep(0)
            same = same + 1 if left == len(self.protocol.data) else 0
            left = len(self.protocol.data)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the loop is what is waited for
                await asyncio.sleep(0)


async def test_one_read_of_small_frames_is_handled_in_turns():
    connection = Connection().accept()
    connection.receive(frame(TEXT, b"x") * 500)
    at_once = connection.received
    was_read = connection.is_read
    await connection.until(lambda: connection.received == 500)

    assert 0 < at_once <= STEPS_PER_TURN
    assert not was_read


@pytest.mark.parametrize(
    "small",
    [frame(TEXT, b"x"), frame(TEXT), frame(BINARY, b"\0" * 13), frame(CONTINUATION, final=False)],
    ids=["text", "empty", "tiny chunk", "fragment"],
)
async def test_small_frames_of_any_kind_are_counted_and_then_read_slowly(small: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket_protocol, "SLOW_SECONDS", 60)
    connection = Connection().accept()
    if small[0] == CONTINUATION:
        connection.receive(frame(TEXT, final=False))
    connection.receive(small * 10_000)
    await connection.settled()
    handled = 10_000 - len(connection.protocol.data) // len(small)

    assert FRAMES.burst - 1 <= handled < 2 * FRAMES.burst
    assert not connection.is_read


async def test_pings_without_end_are_read_slowly(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket_protocol, "SLOW_SECONDS", 60)
    connection = Connection().accept()
    connection.receive(frame(PING) * 1_000)
    await connection.settled()

    assert len(connection.protocol.data) > 900 * len(frame(PING))


async def test_full_chunks_are_never_slowed_down():
    connection = Connection().accept()
    for _ in range(2 * FRAMES.burst):
        connection.receive(frame(BINARY, b"\0" * (SMALL_READ_BYTES + 1)))

    assert connection.received == 2 * FRAMES.burst
    assert connection.is_read


async def test_much_is_read_at_once_only_where_chunks_come():
    connection = Connection().accept()
    sizes = [connection.transport.bufferSize]
    for content in (frame(BINARY, b"\0" * 100_000), frame(PING), frame(TEXT, b"{}")):
        connection.receive(content)
        sizes.append(connection.transport.bufferSize)

    assert sizes == [SMALL_READ_BYTES, READ_BYTES, READ_BYTES, SMALL_READ_BYTES]


async def test_after_our_close_nothing_is_handed_on_and_reading_rests(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket_protocol, "CLOSING_SECONDS", 60)
    connection = Connection().accept()
    connection.protocol.serverClose(4401)
    connection.receive(frame(TEXT, b"x") * 1000)
    rests = not connection.is_read
    left = len(connection.protocol.data)
    await connection.settled()

    assert connection.received == 0
    assert rests
    assert len(connection.protocol.data) == left


async def test_the_answer_to_our_close_is_found_behind_an_upload():
    connection = Connection().accept()
    connection.protocol.serverClose(4401)
    for _ in range(8):
        connection.receive(frame(BINARY, b"\0" * 262_156))
        await connection.until(lambda: connection.is_read)
    connection.receive(frame(CLOSE, b"\x11\x31"))
    await connection.until(lambda: connection.transport.disconnected or connection.transport.disconnecting)

    assert connection.protocol.wasClean


async def test_what_comes_before_the_handshake_is_answered_waits_outside():
    connection = Connection()
    connection.receive(HANDSHAKE)
    connection.receive(HANDSHAKE + frame(TEXT, b"x"))
    waits = not connection.is_read
    connection.protocol.serverAccept()

    assert waits
    assert connection.is_read


@pytest.mark.parametrize(
    "handshake",
    [
        HANDSHAKE.replace(b"Version: 13", b"Version: 99"),
        HANDSHAKE.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: \xff\r\n\r\n"),
    ],
    ids=["another version", "a protocol without a name"],
)
async def test_a_handshake_that_is_none_is_refused_and_its_end_is_quiet(handshake: bytes):
    """Daphne answered the second with 500 and a traceback, and failed at the end of both."""
    connection = Connection()
    connection.receive(handshake)
    connection.protocol.connectionLost(Failure(ConnectionDone()))

    assert connection.transport.value().startswith(b"HTTP/1.1 400 ")
    assert connection.server.events.empty()


async def test_a_sender_waits_while_the_client_does_not_read():
    connection = Connection().accept()
    connection.protocol.pauseProducing()
    sending = asyncio.ensure_future(connection.protocol.drained())
    await asyncio.sleep(0.01)
    waited = not sending.done()
    connection.protocol.resumeProducing()
    await asyncio.wait_for(sending, 5)

    assert waited


async def test_a_client_that_takes_nothing_for_long_is_cut_off(monkeypatch: pytest.MonkeyPatch):
    connection = Connection().accept()
    monkeypatch.setattr(websocket_protocol, "SEND_SECONDS", 0.01)
    connection.protocol.pauseProducing()
    await asyncio.wait_for(connection.protocol.drained(), 5)

    assert connection.transport.disconnected


async def test_a_connection_that_is_lost_keeps_no_sender_waiting():
    connection = Connection().accept()
    connection.protocol.pauseProducing()
    sending = asyncio.ensure_future(connection.protocol.drained())
    await asyncio.sleep(0)
    connection.protocol.stopProducing()

    await asyncio.wait_for(sending, 5)


async def test_the_transport_tells_when_it_is_full():
    connection = Connection().accept()
    assert connection.transport.producer is connection.protocol
    assert connection.transport.streaming


async def test_a_snapshot_beyond_the_limit_of_received_frames_is_sent():
    connection = Connection().accept()
    connection.transport.clear()
    with suppress(PayloadExceededError):
        connection.protocol.serverSend("x" * (2 * MAX_FRAME_BYTES))

    assert len(connection.transport.value()) > 2 * MAX_FRAME_BYTES
    assert connection.protocol.maxMessagePayloadSize == MAX_FRAME_BYTES


async def test_a_frame_beyond_the_limit_ends_the_connection():
    connection = Connection().accept()
    connection.receive(frame(BINARY, b"\0" * (MAX_FRAME_BYTES + 1)))

    assert connection.received == 0
    assert connection.protocol.failedByMe


def test_the_launcher_limits_frames_and_messages():
    server = Launcher("asgi.application", "127.0.0.1", 0, "")._server

    assert (server.websocket_max_frame_size, server.websocket_max_message_size) == (MAX_FRAME_BYTES, MAX_FRAME_BYTES)


def test_a_lost_connection_is_not_kept_by_the_timer_of_its_close():
    """Autobahn kept 9 KB of each for 10 s: 70 MB for a client that opened and closed sockets in a loop (measured)."""
    connection = Connection().accept()
    connection.protocol.serverClose(4429)
    assert connection.protocol.closeHandshakeTimeoutCall is not None

    connection.protocol.connectionLost(Failure(ConnectionLost()))

    assert connection.protocol.closeHandshakeTimeoutCall is None
