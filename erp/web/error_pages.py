"""The pages for what is refused, not there or failed.

Django renders them in a thread in which no request ends, and their greeting asks the database for the user. Left there,
the connection would stay taken, and dead after a restart of the database (measured on PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views import defaults


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for 400."""
    return _page(request, defaults.bad_request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for 403."""
    return _page(request, defaults.permission_denied, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for 404."""
    return _page(request, defaults.page_not_found, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """The page for 500."""
    return _page(request, defaults.server_error)


def _page(request: HttpRequest, view: Callable[..., HttpResponse], *arguments: object) -> HttpResponse:
    # Django's views look for a token in the form that was sent. If that cannot be parsed, a wrong host or address would
    # be answered with 500; and it is not worth parsing.
    request.POST = QueryDict()
    try:
        return view(request, *arguments)
    finally:
        close_old_connections()
