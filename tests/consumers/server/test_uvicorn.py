"""The same limits under uvicorn: they are enforced in the application, and by uvicorn's own back pressure."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.images.pictures import photo, picture
from tests.support.servers.server import Server, copy_of, wait_for
from tests.support.servers.uvicorn_server import UvicornServer
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_answer import http_answer
from tests.support.wire.http_client import HttpClient

UPLOAD = "/marketing/api/temp_upload_file/"


@pytest.fixture(scope="module")
def uvicorn_server(prepared_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = copy_of(prepared_var, tmp_path_factory.mktemp("uvicorn") / "var")
    server = UvicornServer(var, UPLOADS_REQUESTS='{"body_seconds": 2}').start()
    yield server
    server.kill()


def said(server: Server, head: str, part: bytes, times: int, path: str = UPLOAD) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n".encode())
        with suppress(ConnectionError):
            for _ in range(times):
                connection.sendall(part)
        return http_answer(connection)


async def test_a_draft_is_uploaded(uvicorn_server: Server):
    staff = HttpClient(uvicorn_server.url)
    async with DraftClient(staff, staff.new_draft()) as tab:
        await tab.upload(picture(), "mug.jpg")

        assert tab.names() == ["mug.jpg"]


@pytest.mark.parametrize("head", ["Content-Length: 20000000", "Transfer-Encoding: chunked"])
def test_a_strangers_body_is_cut(uvicorn_server: Server, head: str):
    before = uvicorn_server.memory_bytes()
    part = b"100000\r\n" + b"x" * 0x100000 + b"\r\n" if "chunked" in head else b"x" * 1_000_000
    answers = [said(uvicorn_server, head, part, 20) for _ in range(5)]

    # uvicorn closes at once, and the response may be lost because the client is still sending.
    assert {answer[:13] for answer in answers} <= {b"HTTP/1.1 413 ", b""}
    assert uvicorn_server.memory_bytes() - before < 40_000_000


def test_a_refusal_is_read_by_who_waits_for_it(uvicorn_server: Server):
    answer = said(uvicorn_server, "Content-Length: 20000000", b"", 0)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"body_too_large"' in answer.replace(b" ", b"")


def test_a_slow_body_ends(uvicorn_server: Server):
    assert said(uvicorn_server, "Content-Length: 1000", b"x", 1).startswith(b"HTTP/1.1 408 ")


def test_who_is_signed_in_sends_a_whole_file(uvicorn_server: Server):
    cookie = f"Cookie: {HttpClient(uvicorn_server.url).cookie_header}"

    assert said(uvicorn_server, f"{cookie}\r\nContent-Length: 20000000", b"x" * 1_000_000, 20).startswith(
        b"HTTP/1.1 403 "
    )


def test_images_that_nobody_reads_stay_on_the_disk(uvicorn_server: Server):
    staff = HttpClient(uvicorn_server.url)
    fields = {"draft": staff.new_draft(), "file_type": "main_image", "sequence": "0"}
    stored = staff.post(UPLOAD, fields, ("large.jpg", photo(16), "image/jpeg")).json()["file_data"]["url"]
    ask = f"GET {stored} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {staff.cookie_header}\r\n\r\n".encode()
    before = uvicorn_server.memory_bytes()
    unread = []
    for _ in range(30):
        unread.append(socket.create_connection(("127.0.0.1", uvicorn_server.port), timeout=20))
        unread[-1].sendall(ask)
    wait_for(lambda: all(one.recv(1, socket.MSG_PEEK) for one in unread), 20, "every answer has begun")
    grown = uvicorn_server.memory_bytes() - before
    for one in unread:
        one.close()

    assert grown < 64_000_000


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X_Forwarded_Host: evil.example"]
)
def test_forwarding_headers_of_strangers_are_not_believed(uvicorn_server: Server, header: str):
    with socket.create_connection(("127.0.0.1", uvicorn_server.port), timeout=20) as connection:
        connection.sendall(f"GET /marketing/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n\r\n".encode())
        answer = connection.recv(2000)

    assert b"ocation: /accounts/login/" in answer
