"""Nobody fills the disk with a request: counted where Twisted spools it, before anybody is asked who it is."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from tests.support.servers.server import Server

LIMIT = 21_000_000


def answer(server: Server, headers: str, body: bytes = b"", times: int = 1) -> bytes:
    """What the server says to a POST whose body is `body` over and over; empty when it just hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        request = (
            f"POST /marketing/api/temp_upload_file/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{headers}\r\n\r\n"
        )
        connection.sendall(request.encode())
        with suppress(ConnectionError):
            for _ in range(times):
                connection.sendall(body)
        with suppress(ConnectionError):
            return connection.recv(1000)
    return b""


def test_a_length_that_is_too_large_is_refused_before_a_byte_of_the_body(server: Server):
    assert answer(server, f"Content-Length: {LIMIT + 1}").startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_counted_and_cut(server: Server):
    part = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    before = server.memory_bytes()
    said = answer(server, "Transfer-Encoding: chunked", part, times=100)

    assert said == b"" or said.startswith(b"HTTP/1.1 413 ")
    assert server.memory_bytes() - before < 40_000_000


@pytest.mark.parametrize("length", [10, LIMIT - 1_000_000])
def test_a_body_that_may_be_sent_reaches_the_view(server: Server, length: int):
    headers = f"Content-Length: {length}\r\nContent-Type: text/plain"

    assert answer(server, headers, b"x" * length).startswith(b"HTTP/1.1 40")
