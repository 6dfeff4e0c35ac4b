"""The HTTP side of the live wire: what a tab uses whose network blocks WebSockets. See `http_transport`.

CSRF is checked by Django's middleware, as for every POST of the host.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from consumers.dispatch import RequestContext
from consumers.polling import http_transport
from consumers.polling.http_transport import Reply
from consumers.protocol import messages
from consumers.rate_limits import COMMANDS, PerSessionLimiter
from uploads.conf import upload_settings
from uploads.core.errors import CATALOGUE, Code, Refusal

logger = logging.getLogger("uploads.over_http")

NO_TAB = UUID(int=0)

_paces = PerSessionLimiter(COMMANDS)
_encoder = msgspec.json.Encoder()


def _answering(view: Callable[..., Reply]) -> Callable[..., HttpResponse]:
    """Make a view of a function that takes the context and returns an answer or raises `Refusal`."""

    def answer(request: HttpRequest, context: RequestContext, tab: UUID | None, **rest: object) -> Reply:
        file = rest.get("file_id")
        try:
            if tab is None:
                raise Refusal(Code.BAD_MESSAGE, "A tab names itself: `tab` is a UUID it made.")
            if not _paces.take(context.session_key, time.monotonic()):
                raise Refusal(Code.TOO_FAST)
            return view(request, context, **rest)
        except Refusal as refusal:
            return http_transport.refused(context, refusal, file=file if isinstance(file, UUID) else None)

    @wraps(view)
    def route(request: HttpRequest, draft_id: UUID, **rest: object) -> HttpResponse:
        tab = _tab(request)
        context = RequestContext(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), draft_id, tab or NO_TAB)
        try:
            return _response(answer(request, context, tab, **rest))
        except Exception:
            logger.exception("a request was not handled")
            return _response(http_transport.refused(context, Refusal(Code.SERVER_ERROR)))

    return route


@require_http_methods(["GET", "POST"])
@_answering
def draft(request: HttpRequest, context: RequestContext) -> Reply:
    """GET with `revision`: what is new since. POST: one message of the protocol, as JSON."""
    if request.method == "GET":
        known = request.GET.get("revision", "")
        return http_transport.poll(context, int(known) if known.isdecimal() and len(known) < 16 else 0)
    body = _body(request, messages.MAX_TEXT_FRAME)
    try:
        return http_transport.handle(context, body.decode())
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_MESSAGE) from None


@require_POST
@_answering
def chunk(request: HttpRequest, context: RequestContext, file_id: UUID, epoch: int, offset: int) -> Reply:
    """POST: bytes of a file from `offset` on, as they are."""
    limits = upload_settings().limits
    payload = _body(request, limits.window_chunks * limits.chunk_bytes)
    return http_transport.receive(context, file_id, epoch, offset, payload)


def _tab(request: HttpRequest) -> UUID | None:
    """The id the tab made for itself; None when it is none."""
    try:
        return UUID(request.GET.get("tab", ""))
    except ValueError:
        return None


def _body(request: HttpRequest, limit: int) -> bytes:
    """The body. Raises `Refusal` (``too_much_data``) when it has more than `limit` bytes."""
    body = request.read(limit + 1)
    if len(body) > limit:
        raise Refusal(Code.TOO_MUCH_DATA)
    return body


def _response(answer: Reply) -> HttpResponse:
    """No news is 204 without a body; a refusal has the status of its code."""
    body = _encoder.encode(answer) if answer.messages else b""
    response = HttpResponse(body, content_type="application/json", status=_status(answer))
    response["Cache-Control"] = "private, no-store"
    return response


def _status(answer: Reply) -> int:
    match answer.messages:
        case []:
            return HTTPStatus.NO_CONTENT
        case [messages.Error(code=code), *_]:
            return CATALOGUE[code].status
        case [messages.Ended(reason=reason)]:
            return CATALOGUE[Code.DRAFT_EXPIRED if reason == "expired" else Code.DRAFT_ENDED].status
    return HTTPStatus.OK
