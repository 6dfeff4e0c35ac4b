"""The edge to the SDK: each call with its credentials, its deadline and its own retry rules, that is none.

The SDK keeps its connections in a module global, hides the headers of a refusal, and lets urllib3 repeat an Admin
call four times and sleep as long as Retry-After says. `_Line` stands before those connections. It changes only calls
that are made through a `Client`; other users of the SDK in this process notice nothing.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any

from uploads.stores.cloudinary.credentials import Credentials
from uploads.stores.cloudinary.responses import CallFailed, failure

ANSWER_BYTES = 32_000_000
"""No answer is longer: a page of a listing has less than one."""
KEPT_CONNECTIONS = 8
SLOWEST_BYTES_PER_SECOND = 250_000
"""An upload gets a second more for so many bytes."""


class _Heard:
    """What came back of one call, which has to be over at the time `until` (monotonic seconds)."""

    until: float
    status: int | None = None
    headers: Mapping[str, str] = {}


_listening: ContextVar[_Heard | None] = ContextVar("uploads_cloudinary_call", default=None)


class Client:
    """An account's API. Any number of threads may call it; at most `concurrency` do at a time."""

    def __init__(self, credentials: Credentials, timeout: float, concurrency: int) -> None:
        """`timeout` in seconds: for a connection, for sending, and for the whole answer."""
        self._credentials = credentials
        self._timeout = timeout
        self._slots = threading.BoundedSemaphore(concurrency)

    def upload(
        self, verb: str, name: str, *args: Any, size: int = 0, until: float = math.inf, **options: Any
    ) -> dict[str, Any]:
        """Call the function `name` of the Upload API, with `size` bytes to send; over at `until` (monotonic seconds).

        Raises `CallFailed`.
        """
        timeout = min(self._timeout + size / SLOWEST_BYTES_PER_SECOND, until - time.monotonic())
        if timeout <= 0:
            raise CallFailed(f"{verb}: all its requests together took too long", None)
        return self._call(verb, getattr(_sdk()[0], name), args, options, timeout)

    def admin(self, verb: str, name: str, **options: Any) -> dict[str, Any]:
        """Call the function `name` of the Admin API, which is counted by the hour. Raises `CallFailed`."""
        return self._call(verb, getattr(_sdk()[1], name), (), options, self._timeout)

    def _call(
        self, verb: str, function: Callable[..., dict[str, Any]], args: Any, options: Any, timeout: float
    ) -> dict[str, Any]:
        with self._slot(verb), _listen() as heard:
            try:
                told = function(*args, **options, **self._identity(), timeout=timeout)
            except Exception as error:
                # The Admin API raises bare exceptions. Without an answer only the SDK's own are no bugs of ours.
                from cloudinary.exceptions import Error

                if heard.status is None and not isinstance(error, Error):
                    raise
                raise self._failed(verb, heard, str(error)) from None
        if not isinstance(told, dict):
            raise self._failed(verb, heard, "an answer that cannot be read")
        return told

    def _failed(self, verb: str, heard: _Heard, said: str) -> CallFailed:
        # A redirect or a garbled success is no answer to what was asked.
        status = heard.status if heard.status is not None and heard.status >= 400 else None
        secret = self._credentials.api_secret
        return failure(verb, status, said, heard.headers, datetime.now(UTC), secret=secret)

    def _identity(self) -> dict[str, Any]:
        """Everything the SDK would otherwise take from its global configuration."""
        who = self._credentials
        return {
            "cloud_name": who.cloud_name,
            "api_key": who.api_key,
            "api_secret": who.api_secret,
            "upload_prefix": who.upload_prefix,
            "oauth_token": None,
        }

    @contextmanager
    def _slot(self, verb: str) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._timeout):
            raise CallFailed(f"{verb}: too many calls at once", None)
        try:
            yield
        finally:
            self._slots.release()


@contextmanager
def _listen() -> Iterator[_Heard]:
    heard = _Heard()
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)


class _Line:
    """The SDK's connections, with one try for each of our calls, and a deadline for its whole answer."""

    def __init__(self, connections: Any) -> None:
        # One is kept by default, and every other call opens its own and warns of it.
        connections.connection_pool_kw.setdefault("maxsize", KEPT_CONNECTIONS)
        self._connections = connections

    def request(self, method: str, url: str, **options: Any) -> Any:
        """As `urllib3.PoolManager.request`."""
        heard = _listening.get()
        if heard is None:
            return self._connections.request(method, url, **options)
        heard.until = time.monotonic() + options["timeout"]
        self._let_end(url)
        response = self._connections.request(
            method, url, **options, retries=False, redirect=False, preload_content=False
        )
        try:
            body = _read(response, heard.until)
        except BaseException:
            response.close()
            raise
        heard.status, heard.headers = response.status, {name.lower(): text for name, text in response.headers.items()}
        return type(response)(body=body, headers=response.headers, status=response.status)

    def _let_end(self, url: str) -> None:
        """From now on a connection to where `url` leads ends an answer that does not begin in time."""
        pool = self._connections.connection_from_url(url)
        if not issubclass(pool.ConnectionCls, _EndsInTime):
            pool.ConnectionCls = type("Connection", (_EndsInTime, pool.ConnectionCls), {})


class _EndsInTime:
    """A connection that is cut at the deadline.

    No setting of urllib3 or of a socket does that: a read timeout begins anew with every byte, so headers that come
    byte by byte may take hours; and before they are all there, nobody but the connection itself can reach its socket.
    """

    sock: Any

    def getresponse(self) -> Any:
        heard = _listening.get()
        if heard is None:
            return super().getresponse()  # type: ignore[misc]  # of the connection this is mixed into
        cut = threading.Timer(max(0, heard.until - time.monotonic()), self._cut)
        cut.daemon = True
        cut.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            cut.cancel()

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _read(response: Any, until: float) -> bytes:
    """The whole body: one that comes drop by drop is cut off at `until`."""
    from urllib3.exceptions import HTTPError

    parts = bytearray()
    while part := response.read1(65_536):
        parts += part
        if time.monotonic() > until or len(parts) > ANSWER_BYTES:
            raise HTTPError("the answer does not end")
    response.release_conn()
    return bytes(parts)


@cache
def _sdk() -> tuple[Any, Any]:
    """The SDK's modules for its two APIs. Imported late: not every process that knows of the store calls it."""
    from cloudinary import api, uploader
    from cloudinary.api_client import call_api

    with _patching:
        for module in (uploader, call_api):
            if not isinstance(module._http, _Line):
                module._http = _Line(module._http)
    return uploader, api


_patching = threading.Lock()
