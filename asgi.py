"""The whole product as one ASGI application: Django's pages, and the live wire behind a strict origin check."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after Django's apps are ready

from consumers.routing import websocket_urlpatterns  # noqa: E402
from consumers.runtime import Runtime  # noqa: E402
from consumers.security.origin import StrictOrigin  # noqa: E402
from consumers.server.lifespan import Lifespan  # noqa: E402

runtime = Runtime()
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": StrictOrigin(URLRouter(websocket_urlpatterns(runtime))),
        "lifespan": Lifespan(runtime),
    }
)
