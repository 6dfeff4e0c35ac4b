"""The WebSocket routes: mount them beside the host's own, and `unknown_path` last."""

from typing import Any

from django.urls import path, re_path

from consumers.protocol.close_codes import CloseCode
from consumers.runtime import Runtime
from consumers.websocket.consumer import DraftConsumer


def websocket_urlpatterns(runtime: Runtime) -> list[Any]:
    """Return the routes of a process's sockets, which share its `runtime`."""
    # Django's `path` is typed for views; Channels uses it for ASGI applications.
    return [path("ws/uploads/<uuid:draft_id>/", DraftConsumer.as_asgi(runtime=runtime))]  # type: ignore[arg-type]


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    # Accept first: a browser sees no close code of a refused handshake.
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": int(CloseCode.NOT_FOUND)})


unknown_path = re_path("", _refuse)  # type: ignore[arg-type]
"""The route of every other path. Without it Channels raises: a traceback and a 500 for each guessed path."""
