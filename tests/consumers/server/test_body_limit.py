"""No request costs more than its sender is allowed: it is counted as it arrives, whatever length it claims."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from consumers.security import sessions
from consumers.server.body_limit import CHECKS, BodyLimit
from tests.support.request_fixtures import ALIVE, AsgiRequest
from tests.support.servers.daphne_channel import settle
from tests.support.servers.server import Server
from tests.support.wire.http_answer import http_answer
from tests.support.wire.http_client import HttpClient

UPLOAD = "/marketing/api/temp_upload_file/"


async def reads(scope: Any, receive: Any, send: Any) -> None:
    """Like Django: reads the whole body, and does not answer a client that has left."""
    event = await receive()
    while event["type"] == "http.request" and event["more_body"]:
        event = await receive()
    if event["type"] == "http.request":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def length(size: int) -> list[tuple[bytes, bytes]]:
    return [(b"content-length", b"%d" % size)]


async def test_what_anybody_may_send_asks_nobody(asked: list[str]):
    request = AsgiRequest([b"x" * 500_000] * 2, ALIVE + length(1_000_000))

    assert await request.through(BodyLimit(reads)) == (204, "")
    assert asked == []


async def test_a_stranger_is_refused_before_a_byte_and_while_the_bytes_come(asked: list[str]):
    limit = BodyLimit(reads)
    announced = AsgiRequest([b"x" * 100_000] * 200, length(20_000_000), UPLOAD)
    silent = AsgiRequest([b"x" * 100_000] * 200, [(b"cookie", b"sessionid=nobody")], UPLOAD)
    liar = AsgiRequest([b"x" * 100_000] * 200, length(10), UPLOAD)

    assert await announced.through(limit) == (413, "body_too_large")
    assert await silent.through(limit) == (413, "body_too_large")
    assert await liar.through(limit) == (413, "body_too_large")
    assert (announced.taken, silent.taken, liar.taken) == (0, 1_100_000, 1_100_000)
    # Without a cookie there is nothing to look up.
    assert asked == ["nobody"]


@pytest.mark.parametrize(
    ("path", "size", "answer"),
    [
        (UPLOAD, 20_900_000, (204, "")),
        (UPLOAD, 21_100_000, (413, "too_large")),
        ("/marketing/product_create/", 30_000_000, (204, "")),
        ("/marketing/product/7/edit/", 30_000_000, (204, "")),
        ("/marketing/product_create/", 1_001_000_001, (413, "draft_full")),
        ("/accounts/login/", 1_100_000, (413, "body_too_large")),
    ],
)
async def test_a_signed_in_user_sends_what_the_route_takes(
    asked: list[str], path: str, size: int, answer: tuple[int, str]
):
    parts = [b"x" * 100_000] * (min(size, 31_000_000) // 100_000)
    counted, announced = AsgiRequest(parts, ALIVE, path), AsgiRequest(parts, ALIVE + length(size), path)
    limit = BodyLimit(reads)

    assert await announced.through(limit) == answer
    if size < 31_000_000:
        assert await counted.through(limit) == answer


async def test_a_signed_in_user_sends_a_megabyte_where_no_route_says_more(asked: list[str]):
    request = AsgiRequest([b"x" * 100_000] * 20, ALIVE, "/accounts/login/")

    assert await request.through(BodyLimit(reads)) == (413, "body_too_large")
    assert asked == []


async def test_a_session_is_asked_for_once_in_a_while(asked: list[str]):
    limit = BodyLimit(reads)
    for _ in range(20):
        assert await AsgiRequest([], ALIVE + length(2_000_000), UPLOAD).through(limit) == (204, "")

    assert asked == ["alive"]


async def test_however_many_strangers_ask_two_threads_look(monkeypatch: pytest.MonkeyPatch):
    running: list[int] = []
    at_once: list[int] = []

    def session_user(key: str) -> None:
        running.append(1)
        at_once.append(len(running))
        time.sleep(0.01)
        running.pop()

    monkeypatch.setattr(sessions, "session_user", session_user)
    limit = BodyLimit(reads)
    requests = [AsgiRequest([], [(b"cookie", b"sessionid=%d" % n), *length(2_000_000)], UPLOAD) for n in range(30)]

    assert set(await asyncio.gather(*(one.through(limit) for one in requests))) == {(413, "body_too_large")}
    assert max(at_once) == CHECKS


async def test_without_a_database_nobody_is_taken_for_somebody(monkeypatch: pytest.MonkeyPatch):
    def session_user(key: str) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(sessions, "session_user", session_user)
    request = AsgiRequest([], ALIVE + length(2_000_000), UPLOAD)

    assert await request.through(BodyLimit(reads)) == (500, "server_error")


def limits(settings: Settings, **requests: int) -> BodyLimit:
    settings.UPLOADS = {**settings.UPLOADS, "REQUESTS": requests}
    return BodyLimit(reads)


class Waiting(AsgiRequest):
    """A client that sends `parts`, and then nothing."""

    async def receive(self) -> Any:
        event = await super().receive()
        if not event["body"]:
            await asyncio.Event().wait()
        return event


async def test_a_body_that_stops_coming_is_answered_with_408(settings: Settings):
    assert await Waiting([b"x"] * 50).through(limits(settings, body_seconds=1)) == (408, "body_too_slow")


class Trickling(AsgiRequest):
    """A client that sends a byte now and then."""

    async def receive(self) -> Any:
        await asyncio.sleep(0.3)
        return await super().receive()


async def test_a_body_that_trickles_is_answered_with_408(settings: Settings):
    request = Trickling([b"x"] * 20)

    assert await request.through(limits(settings, body_seconds=1)) == (408, "body_too_slow")
    assert request.taken < 5


async def test_strangers_hold_so_much_memory_and_a_sign_in_passes_all_the_same(settings: Settings, asked: list[str]):
    limit = limits(settings, max_pending_bytes=300_000)
    holders = [Waiting([b"x" * 100_000]) for _ in range(3)]
    held = [asyncio.ensure_future(one.through(limit)) for one in holders]
    await settle()
    assert sum(one.taken for one in holders) == 300_000

    assert await AsgiRequest([b"x" * 100_000]).through(limit) == (429, "too_fast")
    assert await AsgiRequest([b"x" * 10_000]).through(limit) == (204, "")
    assert await AsgiRequest([b"x" * 100_000], ALIVE).through(limit) == (204, "")
    for one in held:
        one.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    assert limit.under_way.pending == 0
    assert await AsgiRequest([b"x" * 100_000]).through(limit) == (204, "")


async def test_strangers_are_read_at_a_pace_and_a_user_is_not(settings: Settings, asked: list[str]):
    limit = limits(settings, pending_bytes_per_second=1_000_000)
    began = time.monotonic()
    await asyncio.gather(*(AsgiRequest([b"x" * 100_000]).through(limit) for _ in range(6)))
    paced, began = time.monotonic() - began, time.monotonic()
    await AsgiRequest([b"x" * 2_000_000] * 5, ALIVE, UPLOAD).through(limit)

    assert paced > 0.3
    assert time.monotonic() - began < 1


async def test_one_user_holds_so_many_large_bodies(settings: Settings, asked: list[str]):
    limit = limits(settings, max_user_bodies=2)
    held = [asyncio.ensure_future(Waiting([b"x" * 2_000_000], ALIVE, UPLOAD).through(limit)) for _ in range(2)]
    await asyncio.sleep(0.1)

    assert await AsgiRequest([b"x" * 2_000_000], ALIVE, UPLOAD).through(limit) == (429, "too_fast")
    for one in held:
        one.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    assert await AsgiRequest([b"x" * 2_000_000], ALIVE, UPLOAD).through(limit) == (204, "")


async def test_a_full_disk_is_said_and_not_raised(settings: Settings):
    async def keeps(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise OSError(errno.ENOSPC, "No space left on device")

    assert await AsgiRequest([b"x"]).through(BodyLimit(keeps)) == (503, "storage_full")


async def test_a_failure_of_the_view_is_not_taken_for_a_full_disk():
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await reads(scope, receive, send)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await AsgiRequest([b"x"]).through(BodyLimit(fails))


# --- A real server


def said(server: Server, headers: str, body: bytes = b"", times: int = 1, path: str = UPLOAD) -> bytes:
    """Return the server's response to a POST whose body is `body` repeated over and over."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{headers}\r\n\r\n".encode())
        with suppress(ConnectionError):
            for _ in range(times):
                connection.sendall(body)
        return http_answer(connection)


def test_a_stranger_is_answered_and_costs_no_memory_and_no_disk(server: Server):
    before = server.memory_bytes()
    for headers in ("Content-Length: 20000000", "Transfer-Encoding: chunked"):
        part = b"100000\r\n" + b"x" * 0x100000 + b"\r\n" if "chunked" in headers else b"x" * 1_000_000
        for path in (UPLOAD, "/", "/nowhere/"):
            answer = said(server, headers, part, times=20, path=path)
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b'"code": "body_too_large"' in answer

    assert server.memory_bytes() - before < 20_000_000


def test_an_anonymous_form_of_a_megabyte_is_nobodys_trouble(server: Server):
    """Twisted parsed it in the event loop: a second per megabyte."""
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    content = part * 18_000
    headers = f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(content)}"
    began = time.monotonic()

    assert said(server, headers, content, path="/accounts/login/").startswith(b"HTTP/1.1 4")
    assert time.monotonic() - began < 3


def test_who_is_signed_in_sends_a_whole_file(server: Server, staff: HttpClient):
    headers = f"Content-Type: text/plain\r\nCookie: {staff.cookie_header}\r\nContent-Length: 20000000"

    assert said(server, headers, b"x" * 20_000_000).startswith(b"HTTP/1.1 403 ")
    assert said(server, headers, b"x" * 20_000_000, path="/accounts/login/").startswith(b"HTTP/1.1 413 ")


def test_a_form_without_javascript_carries_several_images(server: Server, staff: HttpClient):
    page = f"/marketing/product_create/?draft={staff.new_draft()}"
    answer = staff.post(page, {"title": ""}, ("a.jpg", b"x" * 25_000_000, "image/jpeg"))

    assert answer.status == 422


def test_an_empty_form_is_a_form(server: Server):
    content = b"--b--\r\n"
    headers = f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(content)}"

    # Django's response to a missing token; Twisted's was a bare 400.
    assert said(server, headers, content, path="/accounts/login/").startswith(b"HTTP/1.1 403 ")


def test_a_slow_body_ends(make_server: Callable[..., Server]):
    slow = make_server(UPLOADS_REQUESTS='{"body_seconds": 1}')
    answer = said(slow, "Content-Length: 1000", b"x" * 10)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code": "body_too_slow"' in answer
