"""ASGI middleware that stops receiving a request body at its sender's limit, under every server.

A server delivers a body in parts and reads on once a part has been taken. Each part is counted here before Django
buffers it, whatever Content-Length claims. The sender is looked up in the database only when a body exceeds the limit
for anonymous clients.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import DatabaseError

from consumers.security import sessions
from consumers.server.body_rules import UNCOUNTED_BYTES, Allowance, BodiesUnderWay, BodyRules, ReadThrottle
from consumers.server.json_answers import send_refusal
from uploads.conf import upload_settings
from uploads.core.errors import Code, Refusal, of_disk
from uploads.runtime.threads import database

logger = logging.getLogger("uploads.server")

Application = Callable[[Any, Any, Any], Awaitable[None]]
KNOWN_SECONDS = 10
"""Seconds for which a looked-up session counts as live. It only decides how much is received; views look again."""
MAX_KNOWN_USERS = 10_000
CHECKS = 2
"""How many of the eight database threads lookups may use at once, so that strangers cannot starve the sockets."""


class BodyLimit:
    """Wrap an ASGI application. A body that is too large, too slow or one too many is refused with JSON or a page."""

    def __init__(self, application: Application) -> None:
        self._application = application
        settings = upload_settings()
        self.rules = BodyRules(settings.limits, settings.requests, settings.body_limits)
        self.under_way = BodiesUnderWay(settings.requests, self.rules.user_bytes)
        self.users = KnownUsers()
        self.throttle = ReadThrottle(settings.requests.pending_bytes_per_second)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        body = _Body(self, scope, receive, send)
        try:
            await body.announced()
        except Refusal as refusal:
            await send_refusal(send, refusal, scope["headers"])
            return
        try:
            await self._application(scope, body.receive, body.send)
        except OSError as error:
            # Django buffers a large body in a file. An error in a view becomes a 500 of its own and never gets here.
            if body.is_complete:
                raise
            logger.warning("a request body could not be kept: %s", error)
            await body.refuse(Refusal(of_disk(error)))
        finally:
            body.end()


class KnownUsers:
    """The signed-in user of each session, cached for `KNOWN_SECONDS`, with at most `CHECKS` lookups at a time."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[object, float]] = {}
        self._turn = asyncio.Semaphore(CHECKS)

    async def user(self, key: str) -> object | None:
        """Return the primary key of the active user whose live session has `key`, or None.

        Raises `Refusal` (``server_error``) if the database fails.
        """
        if not key:
            return None
        found, until = self._found.get(key, (None, 0.0))
        if until > time.monotonic():
            return found
        async with self._turn:
            try:
                user = await database.run(sessions.session_user, key)
            except DatabaseError as error:
                raise Refusal(Code.SERVER_ERROR) from error
        if user is None:
            return None
        if len(self._found) >= MAX_KNOWN_USERS:
            self._found.clear()
        self._found[key] = (user.pk, time.monotonic() + KNOWN_SECONDS)
        return user.pk


class _Body:
    """The body of one request on its way to the application."""

    def __init__(self, limit: BodyLimit, scope: Any, receive: Any, send: Any) -> None:
        self._limit = limit
        self._scope = scope
        self._receive = receive
        self._send = send
        self._allowance: Allowance = limit.rules.signed_in(scope["path"])
        self._anybody = limit.rules.anybody(scope["path"])
        self._user: object | None = None
        self._received = 0
        self._counted = 0
        self._waited = 0.0
        self._refused = False
        self._answered = False
        self.is_complete = False

    async def announced(self) -> None:
        """Raise `Refusal` if Content-Length is too large. The bytes are counted regardless."""
        for name, value in self._scope["headers"]:
            if name == b"content-length" and value.isdigit():
                await self._check(int(value))

    async def receive(self) -> Any:
        """Return the next event for the application: a disconnect once the request has been refused."""
        if self._refused:
            return {"type": "http.disconnect"}
        if self.is_complete:
            return await self._receive()
        try:
            event = await self._next()
            await self._admit(len(event.get("body", b"")))
        except Refusal as refusal:
            await self.refuse(refusal)
            return {"type": "http.disconnect"}
        self.is_complete = event["type"] != "http.request" or not event.get("more_body", False)
        return event

    async def send(self, event: Any) -> None:
        """Forward the application's response unless the request has already been refused."""
        if not self._refused:
            self._answered = True
            await self._send(event)

    async def refuse(self, refusal: Refusal) -> None:
        """Refuse the request, unless the application has begun its response."""
        self._refused = True
        if not self._answered:
            await send_refusal(self._send, refusal, self._scope["headers"])

    def end(self) -> None:
        """Release what was counted."""
        if self._user is None:
            self._limit.under_way.give_back(self._counted)
        else:
            self._limit.under_way.end(self._user, self._counted)

    async def _next(self) -> Any:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._limit.rules.seconds_left(self._received, self._waited)):
                return await self._receive()
        except TimeoutError:
            raise Refusal(Code.BODY_TOO_SLOW) from None
        finally:
            # Count only the wait for the client, not the time we take.
            self._waited += time.monotonic() - began

    async def _admit(self, more: int) -> None:
        self._received += more
        await self._check(self._received)
        if self._user is None:
            uncounted = max(self._received - UNCOUNTED_BYTES, 0) - self._counted
            if self._limit.under_way.has_room(uncounted):
                self._counted += uncounted
                # The server reads on once this part is taken. This wait is not charged to the client: see `_next`.
                await asyncio.sleep(self._limit.throttle.delay(uncounted, time.monotonic()))
                return
            await self._identify()
            if self._user is None:
                raise Refusal(Code.TOO_FAST)
        self._limit.under_way.add(self._user, self._received - self._counted)
        self._counted = self._received

    async def _check(self, size: int) -> None:
        if size > self._allowance.bytes:
            raise Refusal(self._allowance.code)
        if size > self._anybody:
            await self._identify()
            if self._user is None:
                raise Refusal(Code.BODY_TOO_LARGE)

    async def _identify(self) -> None:
        """Look up the sender, once."""
        if self._user is not None:
            return
        user = await self._limit.users.user(sessions.session_key(self._scope["headers"]))
        if user is not None:
            self._limit.under_way.begin(user)
            self._limit.under_way.give_back(self._counted)
            self._counted, self._user = 0, user
