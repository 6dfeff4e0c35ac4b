"""Read one HTTP response from a plain socket."""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPException, HTTPResponse


def http_answer(connection: socket.socket) -> bytes:
    """Return the status line and the body, which may arrive in two packets; empty if there was no response."""
    answer = HTTPResponse(connection)
    with suppress(ConnectionError, HTTPException):
        answer.begin()
        return f"HTTP/1.1 {answer.status} ".encode() + answer.read()
    return b""
