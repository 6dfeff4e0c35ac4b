"""Which pages may open a socket."""

from __future__ import annotations

import pytest

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
