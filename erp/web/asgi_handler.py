"""Django behind ASGI, with the length of a body that came without one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http.response import HttpResponseBase


class Handler(ASGIHandler):
    """Reads a form that was sent in chunks. Django's own parser takes a form without a length for an empty one."""

    def create_request(
        self, scope: Mapping[str, Any], body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        """Make the request. `body_file` holds all of the body."""
        if not any(name == b"content-length" for name, _ in scope["headers"]):
            size = body_file.seek(0, os.SEEK_END)
            body_file.seek(0)
            scope = {**scope, "headers": [*scope["headers"], (b"content-length", b"%d" % size)]}
        return super().create_request(scope, body_file)
