"""The page for what is not there.

Django renders it in a thread in which no request ends, and its greeting asks the database for the user. Left there,
the connection would stay taken, and dead after a restart of the database (measured on PostgreSQL).
"""

from __future__ import annotations

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.views import defaults


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for 404."""
    try:
        return defaults.page_not_found(request, exception)
    finally:
        close_old_connections()
