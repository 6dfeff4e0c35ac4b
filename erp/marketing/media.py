"""Product images from the server's own disk. Temporary files are never served here, whatever their key."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from erp.marketing.permissions import may_see_products
from uploads import api


@require_safe
@login_required
def product_file(request: HttpRequest, product: int, name: str) -> HttpResponseBase:
    """Serve ``media/product_files/<product>/<name>`` to users with the permission to view products."""
    if not may_see_products(request.user):
        raise PermissionDenied
    content_type = api.content_type_of(name)
    if not content_type:
        raise Http404
    try:
        file = storages["draft_uploads"].open(f"media/product_files/{product}/{name}")
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        # Opening an impossible file name, with a NUL for instance, raises `ValueError`.
        raise Http404 from error
    response: HttpResponseBase
    if location := api.x_accel_location(file):
        file.close()
        response = HttpResponse(content_type=content_type, headers={"X-Accel-Redirect": location})
    else:
        response = StreamingHttpResponse(api.FileParts(file), content_type=content_type)
        response["Content-Length"] = str(file.size)
    # An object's name is never reused, so a cached copy never becomes stale.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
