"""Static files, read part by part as they are sent.

WhiteNoise answers with a synchronous iterator, and under ASGI Django reads that to its end before the first byte
leaves: each client that does not read then costs the whole file.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from uploads.api import FileParts


class StreamedStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # published without types
    """What `settings.MIDDLEWARE` names."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        """Answer a request for `static_file`."""
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
