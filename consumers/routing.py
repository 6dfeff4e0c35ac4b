"""The address of the live wire; mount it beside the host's other WebSocket routes."""

from typing import Any

from django.urls import path

from consumers.websocket.consumer import DraftConsumer

# Django's `path` is typed for views; Channels routes ASGI applications with it.
websocket_urlpatterns: list[Any] = [path("ws/uploads/<uuid:draft_id>/", DraftConsumer.as_asgi())]  # type: ignore[arg-type]
