"""HTTP views for tabs whose network blocks WebSockets. See `http_transport`.

Django's middleware checks CSRF tokens, as for every POST to the host.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from consumers import dispatch
from consumers.dispatch import RequestContext
from consumers.polling import diagnosis, http_transport
from consumers.polling.http_transport import HttpTransport, Reply
from consumers.protocol import messages
from uploads.conf import upload_settings
from uploads.core.errors import CATALOGUE, Code, Refusal

logger = logging.getLogger("uploads.over_http")

NO_TAB = UUID(int=0)

_encoder = msgspec.json.Encoder()


def _answering(view: Callable[..., Reply]) -> Callable[..., HttpResponse]:
    """Turn a method that takes the context, and returns a reply or raises `Refusal`, into a view."""

    def answer(views: PollingViews, request: HttpRequest, context: RequestContext, **rest: object) -> Reply:
        file = rest.get("file_id")
        try:
            if context.socket_id == NO_TAB:
                raise Refusal(Code.BAD_MESSAGE, "A tab names itself: `tab` is a UUID it made.")
            views.transport.admit(context)
            return view(views, request, context, **rest)
        except Refusal as refusal:
            return http_transport.refused(context, refusal, file=file if isinstance(file, UUID) else None)

    @wraps(view)
    def route(views: PollingViews, request: HttpRequest, draft_id: UUID, **rest: object) -> HttpResponse:
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        context = RequestContext(session_key, draft_id, dispatch.tab_id(request.META.get("QUERY_STRING", "")) or NO_TAB)
        try:
            return _response(answer(views, request, context, **rest))
        except Exception:
            logger.exception("a request was not handled")
            return _response(http_transport.refused(context, Refusal(Code.SERVER_ERROR)))

    return route


class PollingViews:
    """The views of an `HttpTransport`."""

    def __init__(self, transport: HttpTransport) -> None:
        self.transport = transport

    @method_decorator(require_http_methods(["GET", "POST"]))
    @_answering
    def draft(self, request: HttpRequest, context: RequestContext) -> Reply:
        """Return what changed since `revision` (GET), or carry out one message of the protocol, sent as JSON (POST)."""
        if request.method == "GET":
            known = request.GET.get("revision", "")
            return self.transport.poll(context, int(known) if known.isdecimal() and len(known) < 16 else 0)
        body = request.read(messages.MAX_TEXT_FRAME + 1)
        try:
            # The beginning of an overlong message is enough to name the refused command.
            text = body.decode(errors="ignore" if len(body) > messages.MAX_TEXT_FRAME else "strict")
        except UnicodeDecodeError:
            raise Refusal(Code.BAD_MESSAGE) from None
        return self.transport.handle(context, text)

    @method_decorator(require_GET)
    def diagnosis(self, request: HttpRequest, draft_id: UUID) -> HttpResponse:
        """Return what is wrong with the server for a tab without a live connection; `origin` is its page's origin."""
        context = RequestContext(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), draft_id, NO_TAB)
        try:
            self.transport.admit(context)
            dispatch.permitted_user(context.session_key, draft_id)
        except Refusal as refusal:
            return _response(http_transport.refused(context, refusal))
        response = JsonResponse({"problem": diagnosis.problem(request.GET.get("origin", ""), request.get_host())})
        response["Cache-Control"] = "private, no-store"
        return response

    @method_decorator(require_POST)
    @_answering
    def chunk(self, request: HttpRequest, context: RequestContext, file_id: UUID, epoch: int, offset: int) -> Reply:
        """Append the request body to a file, from `offset` on."""
        limits = upload_settings().limits
        payload = _body(request, limits.window_chunks * limits.chunk_bytes)
        return self.transport.receive(context, file_id, epoch, offset, payload)


def _body(request: HttpRequest, limit: int) -> bytes:
    """Return the body. Raises `Refusal` (``too_much_data``) if it has more than `limit` bytes."""
    body = request.read(limit + 1)
    if len(body) > limit:
        raise Refusal(Code.TOO_MUCH_DATA)
    return body


def _response(answer: Reply) -> HttpResponse:
    """Return the HTTP response: 204 without a body if there is no message; a refusal has the status of its code."""
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
