"""A request's body arrives in parts, as bytes: no form is parsed, and no more is held than has been taken."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from twisted.internet import task
from twisted.web import http

from consumers.server.http_channel import DETAIN_SECONDS
from consumers.server.http_request import FREE_PARTS, MAX_WAITING_BYTES
from tests.support.servers.daphne_channel import Process, settle

HEAD = b"POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\n"
PART = b"x" * 65_536


class Recorder:
    """An application that records what it receives; it takes `takes` events and responds at the end of the body."""

    def __init__(self, takes: float = float("inf")) -> None:
        self.scopes: list[Any] = []
        self.events: list[Any] = []
        self._takes = takes
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        while len(self.events) < self._takes or await self.go_on.wait():
            self.events.append(await receive())
            if self.events[-1]["type"] == "http.disconnect" or not self.events[-1]["more_body"]:
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.events)


FORM = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (b"multipart/form-data; boundary=b", FORM),
        (b"multipart/form-data; boundary=b", b"--b--\r\n"),
        (b"multipart/form-data", FORM),
        (b"application/x-www-form-urlencoded", b"a=1&a=2"),
    ],
)
async def test_a_form_reaches_the_application_as_it_came(
    monkeypatch: pytest.MonkeyPatch, content_type: bytes, content: bytes
):
    """Twisted answered an empty form with a bare 400, and a large one stopped the site."""

    def parsed(*arguments: object) -> None:
        raise AssertionError("the server parses a form")

    monkeypatch.setattr(http, "_getMultiPartArgs", parsed)
    monkeypatch.setattr(http, "parse_qs", parsed)
    recorder = Recorder()
    channel, transport = Process(recorder).connect()
    channel.dataReceived(HEAD + b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (content_type, len(content)))
    await settle()
    assert len(recorder.scopes) == 1
    channel.dataReceived(content)
    await settle()

    assert recorder.body == content
    assert (recorder.scopes[0]["path"], recorder.scopes[0]["query_string"]) == ("/a b", b"c=d")
    assert transport.value().startswith(b"HTTP/1.1 204 ")


async def test_an_empty_form_is_no_business_of_the_server():
    recorder = Recorder()
    channel, transport = Process(recorder).connect()
    head = HEAD + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 7\r\n\r\n"
    channel.dataReceived(head + b"--b--\r\n")
    await settle()

    assert recorder.body == b"--b--\r\n"
    assert transport.value().startswith(b"HTTP/1.1 204 ")


async def test_a_body_without_a_length_comes_in_part_by_part():
    recorder = Recorder()
    channel, _ = Process(recorder).connect()
    channel.dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await settle()
    channel.dataReceived(b"2\r\nde\r\n0\r\n\r\n")
    await settle()

    assert recorder.body == b"abcde"
    assert not recorder.events[-1]["more_body"]


async def test_no_more_is_read_than_the_application_takes():
    recorder = Recorder(takes=1)
    channel, transport = Process(recorder).connect()
    channel.dataReceived(HEAD + b"Content-Length: 1000000\r\n\r\n" + PART)
    await settle()
    sent = len(PART)
    while transport.is_read:
        channel.dataReceived(PART)
        sent += len(PART)

    assert sent <= MAX_WAITING_BYTES + 2 * len(PART)
    # As when a response is sent meanwhile: the transport is empty and asks for more.
    channel.pauseProducing()
    channel.resumeProducing()
    assert not transport.is_read
    recorder.go_on.set()
    await settle()
    assert transport.is_read
    assert len(recorder.body) == sent
    channel.connectionLost(ConnectionResetError())
    await settle()


async def test_a_client_that_leaves_in_the_middle_is_told_to_the_application():
    recorder = Recorder()
    channel, _ = Process(recorder).connect()
    channel.dataReceived(HEAD + b"Content-Length: 1000000\r\n\r\n" + PART)
    await settle()
    channel.connectionLost(ConnectionResetError())
    await settle()

    assert recorder.events[-1] == {"type": "http.disconnect"}


async def test_chunks_of_one_byte_are_not_handled_for_long():
    recorder, later = Recorder(), task.Clock()
    channel, transport = Process(recorder).connect()
    channel.callLater = later.callLater
    channel.dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    channel.dataReceived(b"1\r\nx\r\n" * (FREE_PARTS + 100))
    await settle()

    assert len(recorder.body) < FREE_PARTS + 50
    assert not transport.is_read
    assert not transport.is_aborted  # The client would be back at once.

    later.advance(DETAIN_SECONDS)

    assert transport.is_aborted


async def test_ten_thousand_chunks_of_a_usual_size_are():
    recorder = Recorder()
    channel, transport = Process(recorder).connect()
    channel.dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(10_000):
        channel.dataReceived(b"40\r\n" + b"x" * 64 + b"\r\n")
    channel.dataReceived(b"0\r\n\r\n")
    await settle()

    assert not transport.is_aborted
    assert len(recorder.body) == 640_000


async def test_an_upgrade_with_a_body_is_refused():
    """Daphne would pass the body to the socket as its first frames."""
    recorder = Recorder()
    channel, transport = Process(recorder).connect()
    head = HEAD.replace(b"POST", b"GET") + b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\n"
    channel.dataReceived(head + b"hello" + HEAD)
    await settle()

    assert transport.value().startswith(b"HTTP/1.1 400 ")
    assert recorder.scopes == []


async def test_nobody_sets_the_root_path_of_the_site():
    recorder = Recorder()
    channel, _ = Process(recorder).connect()
    channel.dataReceived(HEAD + b"Daphne-Root-Path: /evil\r\nContent-Length: 0\r\n\r\n")
    await settle()

    assert recorder.scopes[0]["root_path"] == ""


async def test_two_requests_of_one_connection_follow_each_other():
    recorder = Recorder()
    channel, transport = Process(recorder).connect()
    for number in (1, 2):
        channel.dataReceived(HEAD + b"Content-Length: 3\r\n\r\nabc")
        await settle()

        assert len(recorder.scopes) == number
        assert transport.value().count(b"HTTP/1.1 204") == number
