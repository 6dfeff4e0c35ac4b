"""What a refused request is answered with before Django has seen it: the JSON of the product's own API, or a page."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from consumers.server import html_answers
from uploads.core.errors import Refusal


def content(refusal: Refusal) -> bytes:
    """The body of the answer."""
    error = {"code": refusal.code, "message": refusal.message, "retryable": refusal.retryable}
    return json.dumps({"success": False, "error": error}).encode()


def headers(body: bytes, content_type: bytes = b"application/json") -> list[tuple[bytes, bytes]]:
    """Its headers. What is left of the request is not read, so the connection cannot be used again."""
    return [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]


async def send_refusal(
    send: Callable[[Any], Awaitable[None]], refusal: Refusal, asked: html_answers.Headers = ()
) -> None:
    """Answer an ASGI request with the headers `asked`."""
    if html_answers.is_wanted(asked):
        body = html_answers.content(refusal, asked)
        answer = [*headers(body, html_answers.CONTENT_TYPE), (b"content-security-policy", b"default-src 'none'")]
    else:
        body = content(refusal)
        answer = headers(body)
    await send({"type": "http.response.start", "status": refusal.status, "headers": answer})
    await send({"type": "http.response.body", "body": body})


def raw(refusal: Refusal) -> bytes:
    """The whole answer as bytes, where there is no request yet to answer."""
    body = content(refusal)
    head = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}".encode()
    lines = [head, *(name + b": " + value for name, value in headers(body)), b"", b""]
    return b"\r\n".join(lines) + body
