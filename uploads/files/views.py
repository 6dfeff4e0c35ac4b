"""Views that serve a file's bytes to permitted users, and tell a browser which drafts' files to keep cached."""

from __future__ import annotations

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
from uploads.files.cached_pictures import cached_picture
from uploads.files.file_parts import FileParts
from uploads.files.x_accel import x_accel_location
from uploads.images import checker
from uploads.models import Draft, File
from uploads.permissions import Target, authoriser
from uploads.stores import account
from uploads.stores.base import Opens, Signs, Thumbnails
from uploads.stores.registry import current_store

MAX_NAMED_DRAFTS = 100
"""The number of drafts that fit into a URL."""
IN_SPOOL = (FileState.CHECKING, FileState.STORING)
SMALL_CACHED = "private, no-cache"
"""Cached by the browser, which revalidates each time, so that nothing is sent or created again."""
IN_STORE = (FileState.STORED, FileState.REMOVED, FileState.LINKED)


@require_safe
def file_bytes(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Serve the bytes of a file from wherever they are: spool, temp or permanent object.

    With ``?w=320`` or ``?w=1280``, and always for a HEIC photo, serve a small picture of it. Returns 404 both for a
    missing file and for one that belongs to another user.
    """
    # Twice, because the bytes may move between reading the row and opening them, and no <img> retries.
    response = _answer(request, file_id) or _answer(request, file_id)
    if response is None:
        raise Http404("No such file.")
    # The rest is streaming: release the connection for others, however long that takes.
    close_old_connections()
    response.setdefault("Cache-Control", "private, no-store")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
def wanted(request: HttpRequest) -> JsonResponse:
    """Of the drafts named by `draft`, return those whose files a browser should keep: live and expired ones.

    Saved, discarded, missing and foreign drafts are not wanted. Returns 401 if nobody is signed in, because then
    nothing is known.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"wanted": []}, status=401)
    named = [uuid for text in request.GET.getlist("draft")[:MAX_NAMED_DRAFTS] if (uuid := _uuid(text))]
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
    """Return the bytes, or a redirect to them; None if they are not where the row says or not for this user."""
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
    """Return the width of the requested small picture; None for the file itself."""
    # Pages of the previous version send `small`.
    asked = small_pictures.SMALL if "small" in request.GET else small_pictures.width_asked(request.GET.get("w"))
    return asked or (small_pictures.LARGE if file.content_type in NEEDS_PREVIEW else None)


def _address(file: File, width: int | None) -> str | None:
    """Return the URL at which the store itself serves the file; None if its bytes pass through us."""
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
    """Serve a small picture; None if none can be created but browsers can show the file itself.

    Raises `FileNotFoundError` if the bytes are not where the row says.
    """
    tag = f'W/"{file.sha256}-{width}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        limits = account.effective_limits()
        # Creating it may wait for others: release the connection meanwhile.
        close_old_connections()
        content = _stored_picture(file, width)
        if content is None and file.content_type not in checker.content_types():
            # A photo accepted before its decoder was removed is served unchanged; some browsers can show it.
            return None
        try:
            content = content or cached_picture(
                file, width, partial(_open, file), limits=limits, viewer=request.user.pk
            )
        except Refusal as refusal:
            if file.content_type not in NEEDS_PREVIEW:
                return None
            raise Http404("No picture can be made of this file.") from refusal
        response = HttpResponse(content, content_type=small_pictures.CONTENT_TYPE)
    response["ETag"] = tag
    response["Cache-Control"] = SMALL_CACHED
    return response


def _stored_picture(file: File, width: int) -> bytes | None:
    """Return the small picture that the check created; None if there is none (any more)."""
    backend = current_store()
    try:
        if file.state in IN_SPOOL:
            return spool.small_path(file.pk, width).read_bytes()
        if file.has_small_pictures and isinstance(backend, Opens):
            with backend.open(small_pictures.key(file.store_key, width)) as content:
                return content.read()
    except FileNotFoundError:
        if file.state == FileState.PERMANENT:
            _forget_small_pictures(file)
    return None


def _forget_small_pictures(file: File) -> None:
    """Record that a permanent file lacks them, so that no later request looks for them.

    A server of the previous version promotes an image without them.
    """
    permanent = File.objects.filter(pk=file.pk, state=FileState.PERMANENT, store_key=file.store_key)
    permanent.update(has_small_pictures=False)
    # Creating one may wait for others.
    close_old_connections()


def _stream(content: BinaryIO, file: File) -> HttpResponseBase:
    if location := x_accel_location(content):
        content.close()
        return HttpResponse(content_type=file.content_type, headers={"X-Accel-Redirect": location})
    response = StreamingHttpResponse(FileParts(content), content_type=file.content_type)
    in_store = file.state not in IN_SPOOL and file.stored_size is not None
    response["Content-Length"] = str(file.stored_size if in_store else file.size)
    return response


def _open(file: File) -> BinaryIO:
    """Open the bytes of the file. Raises `FileNotFoundError` if they are not where the row says."""
    if file.state in IN_SPOOL and (path := spool.latest(file.pk)) is not None:
        return path.open("rb")
    backend = current_store()
    if file.state in (FileState.PERMANENT, *IN_STORE) and isinstance(backend, Opens):
        return backend.open(file.store_key)
    raise FileNotFoundError
