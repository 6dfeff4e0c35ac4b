"""The address of the live wire: mount it beside the host's other WebSocket routes, and `unknown_path` last."""

from typing import Any

from django.urls import path, re_path

from consumers.protocol.close_codes import CloseCode
from consumers.runtime import Runtime
from consumers.websocket.consumer import DraftConsumer


def websocket_urlpatterns(runtime: Runtime) -> list[Any]:
    """Route the sockets of the process that `runtime` belongs to."""
    # Django's `path` is typed for views; Channels routes ASGI applications with it.
    return [path("ws/uploads/<uuid:draft_id>/", DraftConsumer.as_asgi(runtime=runtime))]  # type: ignore[arg-type]


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    # Accepted first: of a refused handshake a browser is told no code.
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": int(CloseCode.NOT_FOUND)})


unknown_path = re_path("", _refuse)  # type: ignore[arg-type]
"""The route of every other path. Without it Channels raises: a traceback and 500 for each stranger who guesses."""
