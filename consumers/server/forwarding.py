"""Which headers describe the client behind a proxy, and which peers are trusted to set them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from uploads.core.limits import UNIX_SOCKET

Headers = Iterable[tuple[bytes, bytes]]

FORWARDING = {
    b"client-ip",
    b"forwarded",
    b"front-end-https",
    b"script-name",
    b"true-client-ip",
    b"via",
    b"x-client-ip",
    b"x-cluster-client-ip",
    b"x-host",
    b"x-http-host-override",
    b"x-original-host",
    b"x-original-url",
    b"x-proxyuser-ip",
    b"x-real-ip",
    b"x-remote-addr",
    b"x-remote-user",
    b"x-rewrite-url",
    b"x-scheme",
    b"x-script-name",
    b"x-url-scheme",
    b"daphne-root-path",
    b"remote-user",
}
FORWARDING_PREFIXES = (b"x-forwarded-", b"cf-connecting-")
_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+\Z")
_ODD = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f\x85]")


def is_sound(headers: Headers) -> bool:
    """Whether every parser reads the headers alike: valid names, and no control character that might end a line.

    Two parsers that split them differently caused CVE-2026-44546 in Daphne.
    """
    return all(_NAME.match(name) and not _ODD.search(value) for name, value in headers)


def without_forwarding(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Drop the headers that only a trusted proxy may set."""
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in FORWARDING and not name.lower().startswith(FORWARDING_PREFIXES)
    ]


def without_underscores(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Drop headers such as ``X_Forwarded_For``, which CGI-style code confuses with ``X-Forwarded-For``."""
    return [(name, value) for name, value in headers if b"_" not in name]


class TrustedProxies:
    """The addresses and networks of a site's proxies."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._networks = [ip_network(address) for address in addresses if address != UNIX_SOCKET]
        self._unix = UNIX_SOCKET in addresses

    def trusts(self, host: str | None) -> bool:
        """Whether `host` is one of them; None stands for a peer on a Unix socket, which has no address."""
        if host is None:
            return self._unix
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def client(self, headers: Headers) -> str | None:
        """Return the client named by a trusted proxy: the last address that is not a proxy's, or None.

        The addresses before it may be forged.
        """
        hops = b",".join(value for name, value in headers if name.lower() == b"x-forwarded-for").decode("latin1")
        for hop in reversed([hop.strip() for hop in hops.split(",") if hop.strip()]):
            if not self.trusts(hop):
                return hop if _is_address(hop) else None
        return None

    def scheme(self, headers: Headers) -> str | None:
        """Return the scheme named by a trusted proxy, or None unless it is named exactly once."""
        named = [value.strip().lower() for name, value in headers if name.lower() == b"x-forwarded-proto"]
        return named[0].decode() if len(named) == 1 and named[0] in (b"http", b"https") else None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
