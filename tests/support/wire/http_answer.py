"""Reads one HTTP answer from a plain socket."""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPException, HTTPResponse


def http_answer(connection: socket.socket) -> bytes:
    """The status line and the body, which may come in two packets; nothing where the server closed without one."""
    answer = HTTPResponse(connection)
    with suppress(ConnectionError, HTTPException):
        answer.begin()
        return f"HTTP/1.1 {answer.status} ".encode() + answer.read()
    return b""
