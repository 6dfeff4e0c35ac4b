"""Calls of Cloudinary's APIs: signed and addressed by its SDK, sent over our own connections.

The SDK's own calls have no deadline for an upload, repeat an Admin call up to four times, sleep as long as Retry-After
says, and hide the headers of an error. Here a call is one request with one deadline, and the caller retries.
"""

from __future__ import annotations

import json
import math
import socket
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPException
from queue import Empty, LifoQueue
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from urllib3 import HTTPResponse, encode_multipart_formdata, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from uploads.stores.cloudinary.credentials import Credentials
from uploads.stores.cloudinary.responses import CallFailed, calls_left, failure, table_of
from uploads.stores.cloudinary.sdk import cloudinary, utils

CONNECT_SECONDS = 10
MAX_RESPONSE_BYTES = 32_000_000
"""Maximum size of a response; a page of a listing has less than 1 MB."""
MIN_BYTES_PER_SECOND = 250_000
"""Upload rate assumed for the deadline of a call: each further 250 kB adds one second."""


class Client:
    """The APIs of one account. Thread-safe; at most `concurrency` calls run at a time."""

    def __init__(self, credentials: Credentials, timeout: float, concurrency: int) -> None:
        """`timeout` in seconds: for waiting for an idle connection, and for a call without an upload."""
        self._credentials = credentials
        self._timeout = timeout
        base = utils.base_api_url([], cloud_name=credentials.cloud_name, upload_prefix=credentials.upload_prefix)
        self._url = urlsplit(base)
        connections = [_connection_to(self._url) for _ in range(concurrency)]
        self._idle: LifoQueue[HTTPConnection] = LifoQueue()
        for connection in connections:
            self._idle.put(connection)
        weakref.finalize(self, _close_all, connections)

    def upload(
        self,
        verb: str,
        action: str,
        params: Mapping[str, Any],
        file: bytes = b"",
        headers: Mapping[str, str] = {},
        until: float = math.inf,
    ) -> dict[str, Any]:
        """Call `action` of the Upload API on an image; end by `until` (monotonic seconds). Raises `CallFailed`."""
        fields = utils.cleanup_params({**params, "timestamp": utils.now()})
        fields["signature"] = utils.api_sign_request(fields, self._credentials.api_secret)
        fields["api_key"] = self._credentials.api_key
        if file:
            fields["file"] = ("image", file)
        body, content_type = encode_multipart_formdata(fields)
        return self._call(verb, "POST", f"image/{action}", {**headers, "Content-Type": content_type}, body, until)

    def admin(self, verb: str, path: str, **params: Any) -> dict[str, Any]:
        """Read `path` of the Admin API, which counts its calls by the hour. Raises `CallFailed`."""
        query = urlencode({name: value for name, value in params.items() if value is not None})
        headers = make_headers(basic_auth=f"{self._credentials.api_key}:{self._credentials.api_secret}")
        return self._call(verb, "GET", f"{path}?{query}", headers)

    def _call(
        self,
        verb: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        until: float = math.inf,
    ) -> dict[str, Any]:
        path, headers = f"{self._url.path}/{path}", {"User-Agent": cloudinary.get_user_agent(), **headers}
        try:
            with self._connection(verb) as connection:
                timeout = self._timeout + len(body or b"") / MIN_BYTES_PER_SECOND
                until = min(until, time.monotonic() + timeout)
                response, content = _exchange(connection, until, method, path, body, headers)
        except (OSError, HTTPException, HTTPError) as error:
            raise self._failure(verb, None, f"{type(error).__name__}: {error}", {}) from None
        result = _json_object(content)
        if "error" in result or not (200 <= response.status < 300 and result):
            message = str(table_of(result, "error").get("message", "an unreadable response"))
            # A redirect or a garbled success does not answer the call.
            status = response.status if response.status >= 400 else None
            raise self._failure(verb, status, message, response.headers)
        request_id = response.headers.get("x-request-id")
        return {**result, "request_id": request_id, "calls_left": calls_left(response.headers)}

    def _failure(self, verb: str, status: int | None, message: str, headers: Mapping[str, str]) -> CallFailed:
        return failure(verb, status, message, headers, datetime.now(UTC), secret=self._credentials.api_secret)

    @contextmanager
    def _connection(self, verb: str) -> Iterator[HTTPConnection]:
        """Yield a connection that no other call uses; close it if the call fails."""
        try:
            connection = self._idle.get(timeout=self._timeout)
        except Empty:
            raise CallFailed(f"{verb}: too many calls at once", None) from None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            self._idle.put(connection)


def _connection_to(server: SplitResult) -> HTTPConnection:
    """Return a connection that opens with its first request."""
    if server.scheme == "http":
        return HTTPConnection(str(server.hostname), server.port)
    return HTTPSConnection(str(server.hostname), server.port, **cloudinary.CERT_KWARGS)


def _close_all(connections: list[HTTPConnection]) -> None:
    for connection in connections:
        connection.close()


def _exchange(
    connection: HTTPConnection, until: float, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[HTTPResponse, bytes]:
    """Send a request and read its whole response by `until`.

    A socket's timeout restarts with every byte, so headers that trickle in could take hours. A watchdog shuts the
    socket down instead; a urllib3 connection pool would not expose the socket before the headers have arrived.
    """
    if not connection.is_connected:
        connection.close()
        connection.timeout = min(CONNECT_SECONDS, _seconds_left(until))
        connection.connect()
    connection.timeout = _seconds_left(until)
    watchdog = Timer(connection.timeout, _shut_down, [connection.sock])
    watchdog.daemon = True
    watchdog.start()
    try:
        # A server may refuse a body before it has read all of it.
        with suppress(BrokenPipeError):
            connection.request(method, path, body, headers, preload_content=False)
        response = connection.getresponse()
        content = response.read(MAX_RESPONSE_BYTES)
    finally:
        watchdog.cancel()
        watchdog.join()
        _seconds_left(until)  # takes precedence over the error that a shutdown caused
    if len(content) == MAX_RESPONSE_BYTES:
        raise HTTPException("the response is too long")
    return response, content


def _seconds_left(until: float) -> float:
    if (left := until - time.monotonic()) <= 0:
        raise TimeoutError("the call took too long")
    return left


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        # Not SSLSocket.shutdown(), after which another thread may still send plain text.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        result = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return result if isinstance(result, dict) else {}
