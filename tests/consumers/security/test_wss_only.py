"""Where pages are redirected to https, no socket opens without TLS."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from consumers.security.origin import StrictOrigin

HOST = b"shop.example"
FORWARDED = ("HTTP_X_FORWARDED_PROTO", "https")
PAGE = b"https://shop.example"


async def opens(*headers: tuple[bytes, bytes], **scope: Any) -> bool:
    reached: list[Any] = []
    sent: list[Any] = []

    async def application(*_: Any) -> None:
        reached.append(True)

    async def send(event: Any) -> None:
        sent.append(event)

    await StrictOrigin(application)({"headers": [(b"host", HOST), *headers], **scope}, None, send)
    assert sent == ([] if reached else [{"type": "websocket.close"}])
    return bool(reached)


def behind_tls(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [HOST.decode()]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = FORWARDED


@pytest.mark.parametrize("value", [b"https", b"https, http"])
async def test_a_handshake_over_tls_opens(settings: Settings, value: bytes):
    behind_tls(settings)
    assert await opens((b"origin", PAGE), (b"x-forwarded-proto", value))


@pytest.mark.parametrize("value", [b"http", b"http, https", b"", b"HTTPS\x00", b"\xff", b"wss"])
async def test_a_handshake_without_tls_does_not(settings: Settings, value: bytes):
    behind_tls(settings)
    assert not await opens((b"origin", PAGE), (b"x-forwarded-proto", value))


async def test_nor_one_of_a_page_without_tls(settings: Settings):
    behind_tls(settings)
    assert not await opens((b"origin", b"http://shop.example"), (b"x-forwarded-proto", b"https"))


async def test_nor_one_whose_proxy_says_nothing(settings: Settings):
    behind_tls(settings)
    assert not await opens((b"origin", PAGE))


async def test_the_header_counts_only_where_the_settings_believe_it(settings: Settings):
    behind_tls(settings)
    settings.SECURE_PROXY_SSL_HEADER = None

    assert not await opens((b"origin", PAGE), (b"x-forwarded-proto", b"https"))
    assert await opens((b"origin", PAGE), scheme="wss")


async def test_without_a_redirect_plain_sockets_open(settings: Settings):
    settings.ALLOWED_HOSTS = [HOST.decode()]

    assert await opens((b"origin", b"http://shop.example"))
