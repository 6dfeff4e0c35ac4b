"""The strict origin check: a page may open a socket only to the host and port it was loaded from.

A handshake sends cookies from any site's page and carries no CSRF token. Channels' ``AllowedHostsOriginValidator``
compares host names only, so that any port and any scheme pass (measured).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from uploads.conf import upload_settings

LOOPBACK = [".localhost", "127.0.0.1", "[::1]"]
Application = Callable[[Any, Any, Any], Awaitable[None]]

_refused: deque[str] = deque(maxlen=32)
"""Origins whose handshakes this process refused lately. Behind a proxy, a handshake and a page may name different
hosts."""


class StrictOrigin:
    """Wrap an ASGI application; a handshake from a foreign origin is refused with 403."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the connection on, or refuse it before it is accepted."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin1")
        host = headers.get(b"host", b"").decode("latin1")
        secure = not settings.SECURE_SSL_REDIRECT or (origin.startswith("https://") and over_tls(scope, headers))
        if secure and _is_allowed(origin, host):
            await self._application(scope, receive, send)
        else:
            if origin not in _refused:
                _refused.append(origin)
            await send({"type": "websocket.close"})


def over_tls(scope: Any, headers: dict[bytes, bytes]) -> bool:
    """Whether the handshake came over TLS: to this server, or to a proxy trusted by ``SECURE_PROXY_SSL_HEADER``.

    Django redirects pages that come without TLS; a browser does not follow redirects of a handshake.
    """
    if scope.get("scheme") == "wss":
        return True
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return False
    name, secure = settings.SECURE_PROXY_SSL_HEADER
    value = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower().encode(), b"").decode("latin1")
    return value.split(",")[0].strip() == secure


def is_refused(origin: str, host: str) -> bool:
    """Whether a page of `origin` on `host` is refused a socket, or was refused one lately."""
    return bool(origin) and (origin in _refused or not _is_allowed(origin, host))


def _is_allowed(origin: str, host: str) -> bool:
    # Like Django itself: a project in development sets no ALLOWED_HOSTS and is reached on loopback.
    hosts = settings.ALLOWED_HOSTS or (LOOPBACK if settings.DEBUG else [])
    return allowed(origin, host, hosts, upload_settings().origins)


def allowed(origin: str, host: str, hosts: list[str], origins: list[str]) -> bool:
    """Whether a page of `origin` may open a socket on `host`.

    `host` (name[:port]) must match one of the site's `hosts`; `origin` must have the same host and port, or be listed
    literally in `origins`.
    """
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, hosts):
        return False
    if origin in origins:
        return True
    try:
        page = urlsplit(origin)
        plain = page.scheme in ("http", "https") and origin == f"{page.scheme}://{page.netloc}"
    except ValueError:
        return False
    return plain and "@" not in page.netloc and page.netloc.lower() == host.lower()
