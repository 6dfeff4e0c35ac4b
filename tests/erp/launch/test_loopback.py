from __future__ import annotations

import pytest

from erp.launch.loopback import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
def test_only_this_machine_reaches_it(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104
        "::",
        "",
        "*",
        "192.168.0.1",
        "10.0.0.1",
        "erp.example.com",
        "localhost.example.com",
        "127.0.0.1.evil",
        "127.1",
    ],
)
def test_others_may_reach_it(host: str) -> None:
    assert not is_loopback(host)
