"""What a client says about its origin is trusted only if it comes from one of our proxies."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pytest_django import Settings

from consumers.server.trusted_headers import TrustedHeaders
from tests.support.servers.server import Server

FORGED = [
    (b"host", b"shop.example"),
    (b"x-forwarded-for", b"6.6.6.6, 1.1.1.1"),
    (b"x-forwarded-proto", b"https"),
    (b"x_forwarded_for", b"6.6.6.6"),
    (b"x-script-name", b"/evil"),
]


class Seen:
    """An application that records the scope it receives."""

    scope: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope


async def seen(scope: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Return the scope that the application receives, and what was sent instead of calling it."""
    application, sent = Seen(), []

    async def send(event: Any) -> None:
        sent.append(event)

    await TrustedHeaders(application)(scope, None, send)
    return application.scope, sent


def scope(client: str | None, kind: str = "http", headers: list[tuple[bytes, bytes]] = FORGED) -> dict[str, Any]:
    return {"type": kind, "scheme": "http", "client": [client, 5] if client else None, "headers": headers}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("client", ["9.9.9.9", "127.0.0.1", None])
async def test_without_proxies_nobody_is_believed(kind: str, client: str | None):
    found, _ = await seen(scope(client, kind))

    assert found["headers"] == [(b"host", b"shop.example")]
    assert (found["client"], found["scheme"]) == ([client, 5] if client else None, "http")


async def test_a_trusted_proxy_is_believed_and_its_neighbour_is_not(settings: Settings):
    settings.UPLOADS = {**settings.UPLOADS, "TRUSTED_PROXIES": ["10.0.0.1"]}
    proxied, _ = await seen(scope("10.0.0.1"))
    direct, _ = await seen(scope("10.0.0.2"))

    assert (proxied["client"], proxied["scheme"]) == (["1.1.1.1", 0], "https")
    assert (b"x-forwarded-proto", b"https") in proxied["headers"]
    assert b"x_forwarded_for" not in dict(proxied["headers"])
    assert (direct["client"], direct["scheme"]) == (["10.0.0.2", 5], "http")
    assert dict(direct["headers"]) == {b"host": b"shop.example"}


async def test_a_header_with_odd_bytes_is_refused():
    odd = [(b"host", b"a\x0bX-Forwarded-For: 1.1.1.1")]
    found, sent = await seen(scope("9.9.9.9", headers=odd))
    assert found is None
    assert (sent[0]["status"], b'"bad_message"' in sent[1]["body"]) == (400, True)
    found, sent = await seen(scope("9.9.9.9", "websocket", headers=odd))

    assert found is None
    assert sent == [{"type": "websocket.close"}]


async def test_other_scopes_pass():
    found, _ = await seen({"type": "lifespan"})

    assert found == {"type": "lifespan"}


# --- A real server: bytes that no client library sends

ODD = {
    "header with vertical tab": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x0bb\r\n\r\n",
    "header with next line": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x85b\r\n\r\n",
    "header with NUL": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
    "name with blank": b"GET / HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n",
    "name that is not ASCII": b"GET / HTTP/1.1\r\nHost: x\r\nX-\xff: b\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n",
    "continued header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n  c\r\n\r\n",
    "root path of Daphne": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nDaphne-Root-Path: \xff\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "endless length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 4000 + b"\r\n\r\n",
    "method that is none": b"\xff / HTTP/1.1\r\nHost: x\r\n\r\n",
    "path that is not ASCII": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "path with odd escapes": b"GET /%ff%00%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "query with odd escapes": b"GET /?%ff%00=%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "media with NUL": b"GET /media/product_files/1/a%00.jpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "static with NUL": b"GET /static/a%00.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "cookie with odd bytes": b'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=\xff"; \xe9=;\r\n\r\n',
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "other version": b"GET / HTTP/9.9\r\n\r\n",
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", ODD.values(), ids=ODD.keys())
def test_odd_bytes_are_answered_without_a_fault_of_ours(server: Server, request_bytes: bytes):
    before = len(server.tracebacks())
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request_bytes)
        answer = connection.recv(100)

    assert answer.startswith((b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert len(server.tracebacks()) == before
    assert [line for line in server.lines if "processing error" in line] == []
