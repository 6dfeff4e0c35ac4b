"""The address of the live wire; mount it beside the host's other WebSocket routes."""

from django.urls import path

from consumers.draft_consumer import DraftConsumer

websocket_urlpatterns = [path("ws/uploads/<uuid:draft_id>/", DraftConsumer.as_asgi())]
