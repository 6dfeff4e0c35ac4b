"""Saving without leaving the page: a POST that accepts only JSON gets the URL of the saved product.

If the network fails during the save, the page retries, where the browser would show its own error page. If the product
was not saved, the page submits again as a normal form, so such a request must have no lasting effect.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.response import HttpResponseRedirectBase


def is_requested(request: HttpRequest) -> bool:
    """Whether the request saves in place."""
    return request.method == "POST" and not request.accepts("text/html")


def respond(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the JSON response: ``{"url": …}``, with an empty URL if the page should submit normally."""
    if not is_requested(request):
        return response
    if isinstance(response, HttpResponseRedirectBase):
        return JsonResponse({"url": response.url})
    return JsonResponse({"url": ""}, status=response.status_code)
