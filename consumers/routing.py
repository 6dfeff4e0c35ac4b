"""The address of the live wire; mount it beside the host's other WebSocket routes."""

from typing import Any

from django.urls import path

from consumers.runtime import Runtime
from consumers.websocket.consumer import DraftConsumer


def websocket_urlpatterns(runtime: Runtime) -> list[Any]:
    """Route the sockets of the process that `runtime` belongs to."""
    # Django's `path` is typed for views; Channels routes ASGI applications with it.
    return [path("ws/uploads/<uuid:draft_id>/", DraftConsumer.as_asgi(runtime=runtime))]  # type: ignore[arg-type]
