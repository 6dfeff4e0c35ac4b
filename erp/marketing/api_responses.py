"""The JSON responses of the API routes, with one format for all refusals, whatever raised them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views import csrf

from erp.web import error_pages
from erp.web.database_errors import DATABASE_DOWN
from uploads import api

logger = logging.getLogger("erp.marketing")


def error(status: int, code: str, message: str, *, retryable: bool = False) -> JsonResponse:
    """A refusal: a stable code, a sentence for the user, and whether the same request may succeed later."""
    body = {"success": False, "error": {"code": code, "message": message, "retryable": retryable}}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def refused(refusal: api.Refusal) -> JsonResponse:
    """Return the response for `refusal`."""
    return error(refusal.status, refusal.code, api.localized_message(refusal), retryable=refusal.retryable)


def json_post(view: Callable[[HttpRequest, User], dict[str, object]]) -> Callable[[HttpRequest], JsonResponse]:
    """Turn a function, which returns a response or raises `api.Refusal`, into a route for signed-in POST requests."""

    @wraps(view)
    def route(request: HttpRequest) -> JsonResponse:
        if request.method != "POST":
            response = error(405, "method_not_allowed", _("Use POST."))
            response["Allow"] = "POST"
            return response
        try:
            if not request.user.is_authenticated:
                return refused(api.Refusal(api.Code.SIGNED_OUT))
            return JsonResponse({"success": True, **view(request, request.user)})
        except api.Refusal as refusal:
            return refused(refusal)
        except (*DATABASE_DOWN, OSError):
            logger.exception("the database or the disk failed during a request")
            return refused(api.Refusal(api.Code.SERVER_ERROR))

    return route


API = ("/marketing/api/", "/uploads/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an API request that Django could not read in JSON, everything else with Django's page."""
    if not request.path.startswith(API):
        return error_pages.bad_request(request, exception)
    if isinstance(exception, MultiPartParserError):
        return refused(
            api.Refusal(
                api.Code.BAD_MESSAGE,
                "This form cannot be read. Send it as multipart/form-data, with its boundary and its end.",
            )
        )
    return refused(api.Refusal(api.Code.BAD_MESSAGE))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a request without a valid CSRF token: API requests with JSON, others with Django's page."""
    if not request.path.startswith(API):
        return cast(HttpResponse, csrf.csrf_failure(request, reason))
    # A signed-out user has no page to take a valid token from.
    if not request.user.is_authenticated:
        return refused(api.Refusal(api.Code.SIGNED_OUT))
    return error(403, "csrf_failed", _("This page is out of date. Reload it and try again."), retryable=True)
