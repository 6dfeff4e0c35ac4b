"""Product images from this server's own disk. Temporary files are never served here, whatever their key."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from erp.marketing.permissions import may_see_products
from uploads import api


@require_safe
@login_required
def product_file(request: HttpRequest, product: int, name: str) -> HttpResponse:
    """The image stored under ``media/product_files/<product>/<name>``, for those who may see products."""
    if not may_see_products(request.user):
        raise PermissionDenied
    content_type = api.content_type_of(name)
    if not content_type:
        raise Http404
    try:
        # Read at once: under Daphne a streamed answer would pile up in memory just the same.
        with storages["draft_uploads"].open(f"media/product_files/{product}/{name}") as file:
            location = api.x_accel_location(file)
            response = HttpResponse(b"" if location else file.read(), content_type=content_type)
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    if location:
        response["X-Accel-Redirect"] = location
    # An object's name is never used again, so what a browser holds stays true.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
