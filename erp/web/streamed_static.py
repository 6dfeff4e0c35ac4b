"""Static files that are streamed part by part.

WhiteNoise returns a synchronous iterator, which Django under ASGI reads to the end before sending the first byte; each
client that does not read then costs memory for the whole file.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from uploads.api import FileParts


class StreamedStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # published without types
    """The middleware named in `settings.MIDDLEWARE`."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        """Serve a request for `static_file`."""
        found = static_file.get_response(request.method, request.META)
        response: HttpResponseBase
        if found.file is None:
            response = HttpResponse(status=int(found.status))
        else:
            response = StreamingHttpResponse(FileParts(found.file), status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
