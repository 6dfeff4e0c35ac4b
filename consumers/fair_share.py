"""Middleware that delays the requests of a user who has used more than their share of the processor."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from consumers.work_shares import WorkShares, work_shares
from uploads.core.token_bucket import KEYS_REMEMBERED, digest_of


class FairShare:
    """See the module; goes after `AuthenticationMiddleware`. Anonymous clients have no key in common: they go free.

    A request is delayed, never refused: no client has to know about it. The user of a session is remembered from the
    first response whose view looked them up, because a view may have to work without the database.
    """

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponse],
        shares: WorkShares = work_shares,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._get_response = get_response
        self._shares = shares
        self._sleep = sleep or time.sleep
        self._users: OrderedDict[bytes, str] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond once the user has some of their share left."""
        session = digest_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
        user_key = self._users.get(session)
        if user_key is None:
            response = self._get_response(request)
            self._remember(session, request)
            return response
        if delay := self._shares.reserve(user_key):
            self._sleep(delay)
        with self._shares.counted(user_key):
            return self._get_response(request)

    def _remember(self, session: bytes, request: HttpRequest) -> None:
        # Where Django keeps the user of `request.user` once somebody has asked for it: no query is made for this.
        user = getattr(request, "_cached_user", None)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or user is None or user.pk is None:
            return
        self._users[session] = str(user.pk)
        if len(self._users) > KEYS_REMEMBERED:
            self._users.popitem(last=False)
