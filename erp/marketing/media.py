"""Product images from this server's own disk. Temporary files are never served here, whatever their key."""

from __future__ import annotations

import mimetypes

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from erp.marketing.permissions import may_see_products


@require_safe
@login_required
def product_file(request: HttpRequest, product: int, name: str) -> HttpResponse:
    """The image stored under ``media/product_files/<product>/<name>``, for those who may see products."""
    if not may_see_products(request.user):
        raise PermissionDenied
    content_type, _ = mimetypes.guess_type(name)
    if content_type is None or not content_type.startswith("image/"):
        raise Http404
    try:
        # Read at once: under Daphne a streamed answer would pile up in memory just the same.
        with storages["draft_uploads"].open(f"media/product_files/{product}/{name}") as file:
            response = HttpResponse(file.read(), content_type=content_type)
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    # An object's name is never used again, so what a browser holds stays true.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
