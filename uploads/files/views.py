"""The bytes of a file, for those who may see it, and which drafts' files a browser should go on keeping."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import BinaryIO
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db import close_old_connections
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from uploads import spool
from uploads.core import small_pictures, states
from uploads.core.errors import Refusal
from uploads.core.limits import NEEDS_PREVIEW
from uploads.core.states import DraftState, FileState
from uploads.files.file_parts import FileParts
from uploads.files.kept_pictures import kept_picture
from uploads.files.x_accel import x_accel_location
from uploads.images import checker
from uploads.models import Draft, File
from uploads.permissions import Target, authoriser
from uploads.stores import account
from uploads.stores.base import Opens, Signs, Thumbnails
from uploads.stores.registry import current_store

MOST_NAMED = 100
"""As many drafts as an address has room for."""
IN_SPOOL = (FileState.CHECKING, FileState.STORING)
SMALL_CACHED = "private, no-cache"
"""Kept by the browser, which asks each time whether it may still be shown."""
IN_STORE = (FileState.STORED, FileState.REMOVED, FileState.LINKED)


@require_safe
def file_bytes(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Return the bytes of a file, wherever they are now: spool, temp or permanent object.

    With ``?w=320`` or ``?w=1280`` those of a small picture of it, and always of a HEIC photo. 404 for a missing file
    and for one that is not the user's, alike.
    """
    # Twice: the bytes may move on between reading the row and opening them, and no <img> asks again.
    response = _answer(request, file_id) or _answer(request, file_id)
    if response is None:
        raise Http404("No such file.")
    # The rest is bytes: however long they take, the connection is free for others.
    close_old_connections()
    response.setdefault("Cache-Control", "private, no-store")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
def wanted(request: HttpRequest) -> JsonResponse:
    """Of the drafts named by `draft`, those whose files a browser should go on keeping: live ones and expired ones.

    What was saved, thrown away, is gone or is somebody else's is not wanted any more. 401 when nobody is signed in:
    then nothing is known.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"wanted": []}, status=401)
    named = [uuid for text in request.GET.getlist("draft")[:MOST_NAMED] if (uuid := _uuid(text))]
    mine = Draft.objects.filter(pk__in=named, owner=request.user)
    kept = mine.exclude(state=DraftState.COMMITTED).exclude(end_reason="discard")
    response = JsonResponse({"wanted": [str(draft) for draft in kept.values_list("pk", flat=True)]})
    response["Cache-Control"] = "no-store"
    return response


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _answer(request: HttpRequest, file_id: UUID) -> HttpResponseBase | None:
    """The bytes, or a redirect to them; None when they are not where the row says or not for this user."""
    file = File.objects.filter(pk=file_id, source=None).select_related("draft__commit_record").first()
    if file is None or not _may_see(request.user, file):
        return None
    width = _width(request, file)
    if address := _address(file, width):
        return HttpResponseRedirect(address)
    try:
        return (width and _small_picture(request, file, width)) or _stream(_open(file), file)
    except FileNotFoundError:
        return None


def _width(request: HttpRequest, file: File) -> int | None:
    """The width of the small picture to show; None for the file itself."""
    # Pages of the previous version say `small`.
    asked = small_pictures.SMALL if "small" in request.GET else small_pictures.width_asked(request.GET.get("w"))
    return asked or (small_pictures.LARGE if file.content_type in NEEDS_PREVIEW else None)


def _address(file: File, width: int | None) -> str | None:
    """Where the store itself shows the file; None when the bytes pass through us, as those of a local disk do."""
    backend = current_store()
    if file.state not in (FileState.PERMANENT, *IN_STORE):
        return None
    if width and isinstance(backend, Thumbnails):
        return backend.thumbnail_url(file.store_key, file.receipt, *small_pictures.box(width))
    if width and isinstance(backend, Opens):
        return None
    if file.state == FileState.PERMANENT:
        return backend.url(file.store_key, file.receipt)
    return backend.temp_url(file.store_key, file.receipt) if isinstance(backend, Signs) else None


def _may_see(user: User | AnonymousUser, file: File) -> bool:
    if not user.is_authenticated:
        return False
    draft = file.draft
    if file.state in (FileState.LINKED, FileState.PERMANENT):
        return authoriser().can_view(user, Target(draft.target_kind, draft.commit_record.target_id))
    if file.state not in states.VISIBLE or draft.owner_id != user.pk:
        return False
    return authoriser().can_open(user, Target(draft.target_kind, draft.target_id))


def _small_picture(request: HttpRequest, file: File, width: int) -> HttpResponse | None:
    """A small picture; None when none can be made, but browsers show the file itself.

    Raises `FileNotFoundError` when the bytes are not where the row says.
    """
    tag = f'W/"{file.sha256}-{width}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        limits = account.effective_limits()
        # It may have to wait for others: the connection is free meanwhile.
        close_old_connections()
        content = _stored_picture(file, width)
        if content is None and file.content_type not in checker.content_types():
            # From before its decoder was taken away. Some browsers show a HEIC photo as it is.
            return None
        try:
            content = content or kept_picture(file, width, partial(_open, file), limits=limits, viewer=request.user.pk)
        except Refusal as refusal:
            if file.content_type not in NEEDS_PREVIEW:
                return None
            raise Http404("No picture can be made of this file.") from refusal
        response = HttpResponse(content, content_type=small_pictures.CONTENT_TYPE)
    response["ETag"] = tag
    response["Cache-Control"] = SMALL_CACHED
    return response


def _stored_picture(file: File, width: int) -> bytes | None:
    """The small picture that the check of the file made; None where it has none, or has it no more."""
    backend = current_store()
    with suppress(FileNotFoundError):
        if file.state in IN_SPOOL:
            return spool.small_path(file.pk, width).read_bytes()
        if file.has_small_pictures and isinstance(backend, Opens):
            with backend.open(small_pictures.key(file.store_key, width)) as content:
                return content.read()
    return None


def _stream(content: BinaryIO, file: File) -> HttpResponseBase:
    if location := x_accel_location(content):
        content.close()
        return HttpResponse(content_type=file.content_type, headers={"X-Accel-Redirect": location})
    response = StreamingHttpResponse(FileParts(content), content_type=file.content_type)
    in_store = file.state not in IN_SPOOL and file.stored_size is not None
    response["Content-Length"] = str(file.stored_size if in_store else file.size)
    return response


def _open(file: File) -> BinaryIO:
    """Raises `FileNotFoundError` when its bytes are not where the row says."""
    if file.state in IN_SPOOL and (path := spool.latest(file.pk)) is not None:
        return path.open("rb")
    backend = current_store()
    if file.state in (FileState.PERMANENT, *IN_STORE) and isinstance(backend, Opens):
        return backend.open(file.store_key)
    raise FileNotFoundError
