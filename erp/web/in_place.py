"""Saving without leaving the page: a POST that accepts only JSON learns where the saved product is.

A page that loses its network while it saves asks again; the browser would show a page of its own. Whatever is not
saved it asks for once more as a page, so such a request must leave nothing behind.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.response import HttpResponseRedirectBase


def asked(request: HttpRequest) -> bool:
    """Whether the page saves in place."""
    return request.method == "POST" and not request.accepts("text/html")


def answered(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer for the page that asked: ``{"url": …}``, empty when it should ask for the page instead."""
    if not asked(request):
        return response
    if isinstance(response, HttpResponseRedirectBase):
        return JsonResponse({"url": response.url})
    return JsonResponse({"url": ""}, status=response.status_code)
