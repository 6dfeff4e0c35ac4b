"""ASGI middleware that accepts headers about the client behind a proxy only from ``TRUSTED_PROXIES``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from consumers.server.forwarding import TrustedProxies, is_sound, without_forwarding, without_underscores
from consumers.server.json_answers import send_refusal
from uploads.conf import upload_settings
from uploads.core.errors import Code, Refusal

Application = Callable[[Any, Any, Any], Awaitable[None]]


class TrustedHeaders:
    """Wrap an ASGI application; applies to requests and sockets."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._proxies = TrustedProxies(upload_settings().trusted_proxies)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the connection on with trusted headers only, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
        elif not is_sound(scope["headers"]):
            await _refuse(scope, send)
        else:
            await self._application(self._believed(scope), receive, send)

    def _believed(self, scope: Any) -> Any:
        headers = without_underscores(scope["headers"])
        peer = scope.get("client")
        if not self._proxies.trusts(peer[0] if peer else None):
            return {**scope, "headers": without_forwarding(headers)}
        believed = {**scope, "headers": headers}
        if client := self._proxies.client(headers):
            believed["client"] = [client, 0]
        if scope["type"] == "http" and (scheme := self._proxies.scheme(headers)):
            believed["scheme"] = scheme
        return believed


async def _refuse(scope: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await send_refusal(send, Refusal(Code.BAD_MESSAGE, "This request has a header that is not allowed."))
