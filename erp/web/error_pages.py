"""The pages for refused, missing and failed requests.

Django renders them outside the request cycle, and base.html queries the user. The connection would then stay open, and
be dead after a restart of the database (measured on PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views import defaults


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for 400."""
    return _page(request, defaults.bad_request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for 403."""
    return _page(request, defaults.permission_denied, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for 404."""
    return _page(request, defaults.page_not_found, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Render the page for 500."""
    return _page(request, defaults.server_error)


def _page(request: HttpRequest, view: Callable[..., HttpResponse], *arguments: object) -> HttpResponse:
    # Django's views look for a CSRF token in the submitted form. If it cannot be parsed, a wrong host or URL would
    # become a 500, and it is not worth parsing.
    request.POST = QueryDict()
    try:
        return view(request, *arguments)
    finally:
        close_old_connections()
