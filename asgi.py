"""The whole product as one ASGI application: Django's pages, and the WebSocket behind a strict origin check."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after Django's apps are ready

from consumers.routing import unknown_path, websocket_urlpatterns  # noqa: E402
from consumers.runtime import Runtime  # noqa: E402
from consumers.security.origin import StrictOrigin  # noqa: E402
from consumers.server.body_limit import BodyLimit  # noqa: E402
from consumers.server.lifespan import Lifespan  # noqa: E402
from consumers.server.trusted_headers import TrustedHeaders  # noqa: E402
from erp.web.asgi_handler import Handler  # noqa: E402

runtime = Runtime()
routes = [*websocket_urlpatterns(runtime), unknown_path]
application = TrustedHeaders(
    ProtocolTypeRouter(
        {
            "http": BodyLimit(Handler()),
            "websocket": StrictOrigin(URLRouter(routes)),
            "lifespan": Lifespan(runtime),
        }
    )
)
