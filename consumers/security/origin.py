"""The strict origin check: a page may open a socket only to the very host and port it came from.

Cookies alone invite other sites' pages, and no CSRF token protects a handshake. Channels'
``AllowedHostsOriginValidator`` compares host names only: any port and any scheme pass (measured).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from consumers.security.sessions import session_key
from uploads.conf import upload_settings
from uploads.core.token_bucket import digest_of

LOOPBACK = [".localhost", "127.0.0.1", "[::1]"]
Application = Callable[[Any, Any, Any], Awaitable[None]]

_refused: deque[tuple[str, bytes]] = deque(maxlen=32)
"""Origins whose handshakes this process refused last, with the session: behind a proxy a handshake may name another
host than a page. Of each session for itself, or anybody could make everybody's diagnosis wrong."""


class StrictOrigin:
    """Wraps an ASGI application; a handshake from a wrong origin is refused with 403."""

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
            refused = (origin, digest_of(session_key(scope["headers"])))
            if refused not in _refused:
                _refused.append(refused)
            await send({"type": "websocket.close"})


def over_tls(scope: Any, headers: dict[bytes, bytes]) -> bool:
    """Whether the handshake came through TLS: this server's, or that of the proxy which the settings believe.

    Pages that come without are redirected by Django; a handshake has nothing that could follow a redirect.
    """
    if scope.get("scheme") == "wss":
        return True
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return False
    name, secure = settings.SECURE_PROXY_SSL_HEADER
    value = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower().encode(), b"").decode("latin1")
    return value.split(",")[0].strip() == secure


def is_refused(origin: str, host: str, key: str) -> bool:
    """Whether a page of `origin` on `host` gets no socket, or got none lately in the session of `key`."""
    return bool(origin) and ((origin, digest_of(key)) in _refused or not _is_allowed(origin, host))


def _is_allowed(origin: str, host: str) -> bool:
    # As Django itself: a project in development names no hosts and is reached on loopback.
    hosts = settings.ALLOWED_HOSTS or (LOOPBACK if settings.DEBUG else [])
    return allowed(origin, host, hosts, upload_settings().origins)


def allowed(origin: str, host: str, hosts: list[str], origins: list[str]) -> bool:
    """Whether a page of `origin` may open a socket on `host`.

    `host` (name[:port]) must be one of the site's `hosts`; `origin` must name the same host and port,
    or be listed in `origins` as a whole.
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
