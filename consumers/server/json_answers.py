"""Responses to requests refused before they reach Django: JSON in the format of the product's API, or a page."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from consumers.server import html_answers
from uploads.core.errors import Refusal


def content(refusal: Refusal) -> bytes:
    """Return the body of the response."""
    error = {"code": refusal.code, "message": refusal.message, "retryable": refusal.retryable}
    return json.dumps({"success": False, "error": error}).encode()


def headers(body: bytes, content_type: bytes = b"application/json") -> list[tuple[bytes, bytes]]:
    """Return its headers. The rest of the request is not read, so the connection cannot be reused."""
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
    """Send the response to an ASGI request with the headers `asked`."""
    if html_answers.is_wanted(asked):
        body = html_answers.content(refusal, asked)
        answer = [*headers(body, html_answers.CONTENT_TYPE), (b"content-security-policy", b"default-src 'none'")]
    else:
        body = content(refusal)
        answer = headers(body)
    await send({"type": "http.response.start", "status": refusal.status, "headers": answer})
    await send({"type": "http.response.body", "body": body})


def raw(refusal: Refusal) -> bytes:
    """Return the whole response as bytes, for connections on which no request is complete yet."""
    body = content(refusal)
    head = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}".encode()
    lines = [head, *(name + b": " + value for name, value in headers(body)), b"", b""]
    return b"\r\n".join(lines) + body
