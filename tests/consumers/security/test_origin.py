"""Which pages may open a socket."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest

from consumers.security import origin
from consumers.security.origin import allowed

HOSTS = ["shop.example"]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://shop.example", "shop.example"),
        ("http://shop.example:8000", "shop.example:8000"),
        ("https://SHOP.example", "shop.example"),
    ],
)
def test_a_page_of_the_same_host_and_port_may(origin: str, host: str):
    assert allowed(origin, host, HOSTS, [])


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "shop.example"),
        ("https://sub.shop.example", "shop.example"),
        ("https://shop.example:8443", "shop.example"),
        ("https://shop.example", "shop.example:8443"),
        ("https://shop.example.evil.example", "shop.example"),
        ("https://user@shop.example", "shop.example"),
        ("https://shop.example/path", "shop.example"),
        ("https://shop.example#x", "shop.example"),
        ("ftp://shop.example", "shop.example"),
        ("null", "shop.example"),
        ("", "shop.example"),
        ("http://[", "shop.example"),
        ("https://evil.example", "evil.example"),
        ("https://", ""),
    ],
)
def test_any_other_may_not(origin: str, host: str):
    assert not allowed(origin, host, HOSTS, [])


def test_a_listed_origin_may_as_a_whole():
    listed = ["https://admin.example:8443"]

    assert allowed("https://admin.example:8443", "shop.example", HOSTS, listed)
    assert not allowed("https://admin.example", "shop.example", HOSTS, listed)


def test_a_listed_origin_does_not_open_an_unknown_host():
    assert not allowed("https://admin.example", "evil.example", HOSTS, ["https://admin.example"])


async def handshake(page: str, host: str, session_key: str) -> None:
    """Ask for a socket, which is refused."""
    headers = {"origin": page, "host": host, "cookie": f"sessionid={session_key}"}
    scope = {"type": "websocket", "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    answers: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        answers.append(event)

    await origin.StrictOrigin(unreachable)(scope, None, send)
    assert answers == [{"type": "websocket.close"}]


async def unreachable(*_: object) -> None:
    raise AssertionError("it was let in")


def test_a_refused_handshake_counts_for_its_own_session_only(monkeypatch: pytest.MonkeyPatch):
    """Anybody can send one that names any page and any host."""
    page, host = "http://testserver", "testserver"
    monkeypatch.setattr(origin, "_refused", deque(maxlen=32))
    asyncio.run(handshake(page, "behind.example", "mine"))

    assert origin.is_refused(page, host, "mine")
    assert not origin.is_refused(page, host, "of-somebody-else")
