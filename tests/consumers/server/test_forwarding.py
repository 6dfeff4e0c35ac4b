from __future__ import annotations

import pytest

from consumers.server.forwarding import (
    FORWARDING,
    TrustedProxies,
    is_sound,
    without_forwarding,
    without_underscores,
)

PROXIES = TrustedProxies(["10.0.0.0/8", "127.0.0.1", "::1"])


@pytest.mark.parametrize("name", [*FORWARDING, b"x-forwarded-for", b"X-Forwarded-Anything", b"cf-connecting-ip"])
def test_whoever_is_no_proxy_tells_nothing_of_others(name: bytes):
    kept = [(b"host", b"a"), (b"x-csrftoken", b"b"), (b"cookie", b"c")]

    assert without_forwarding([*kept, (name, b"1.2.3.4")]) == kept


def test_an_underscore_is_no_hyphen():
    assert without_underscores([(b"x_forwarded_for", b"1"), (b"host", b"a")]) == [(b"host", b"a")]


@pytest.mark.parametrize(
    "value", [b"a\x0bb", b"a\x0c", b"\x1c", b"\x1d", b"\x1e", b"a\x85b", b"a\rb", b"a\nb", b"\0", b"\x7f"]
)
def test_a_value_that_parsers_may_split_differently_is_not_sound(value: bytes):
    assert not is_sound([(b"x-a", value)])


@pytest.mark.parametrize("name", [b"", b"a b", b"a:", b"a\n", b"\xff", b"a\0"])
def test_a_name_that_is_no_token_is_not_sound(name: bytes):
    assert not is_sound([(name, b"")])


def test_text_of_any_language_and_tabs_are_sound():
    assert is_sound([(b"x-title", "Tasse, grün\t1".encode()), (b"!#$%&'*+-.^_`|~09Az", b"")])


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("10.1.2.3", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("11.0.0.1", False),
        ("", False),
        ("x", False),
        (None, False),
    ],
)
def test_a_proxy_is_known_by_its_address(host: str | None, trusted: bool):
    assert PROXIES.trusts(host) is trusted


def test_a_proxy_on_a_unix_socket_is_trusted_only_by_name():
    assert TrustedProxies(["unix"]).trusts(None)
    assert not TrustedProxies(["unix"]).trusts("127.0.0.1")


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ([b"1.1.1.1"], "1.1.1.1"),
        # What the client wrote itself comes first.
        ([b"6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        ([b"6.6.6.6", b"1.1.1.1, 10.0.0.2"], "1.1.1.1"),
        ([b"2001:db8::1"], "2001:db8::1"),
        ([b"nonsense"], None),
        ([b"10.0.0.1"], None),
        ([b""], None),
        ([], None),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy(forwarded: list[bytes], client: str | None):
    assert PROXIES.client([(b"x-forwarded-for", value) for value in forwarded]) == client


@pytest.mark.parametrize(
    ("values", "scheme"),
    [([b"https"], "https"), ([b"HTTP"], "http"), ([b"ftp"], None), ([b"https", b"http"], None), ([], None)],
)
def test_the_scheme_is_one_of_two(values: list[bytes], scheme: str | None):
    assert PROXIES.scheme([(b"x-forwarded-proto", value) for value in values]) == scheme
