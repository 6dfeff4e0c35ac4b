"""Middleware that delays the requests of a user who has used more than their share of the processor."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from consumers.server import json_answers
from consumers.work_shares import WorkShares, work_shares
from uploads.core.errors import Code, Refusal
from uploads.core.token_bucket import KEYS_REMEMBERED, digest_of

WAIT_SECONDS = 10.0
LOOK_SECONDS = 0.1


class FairShare:
    """See the module; goes after `AuthenticationMiddleware`. Anonymous clients have no key in common: they go free.

    The user of a session is remembered from its first response, because a view may have to work without the database.
    """

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponse],
        shares: WorkShares = work_shares,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._get_response = get_response
        self._shares = shares
        self._sleep = sleep
        self._users: OrderedDict[bytes, str] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond as soon as the user has some of their share left; with 429 if that takes `WAIT_SECONDS`."""
        session = digest_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
        user_key = self._users.get(session, "")
        if not user_key:
            response = self._get_response(request)
        elif self._waits_in_vain(user_key):
            return _refused()
        else:
            with self._shares.counted(user_key):
                response = self._get_response(request)
        self._remember(
            session, request, is_known=bool(user_key), went_well=response.status_code < HTTPStatus.BAD_REQUEST
        )
        return response

    def _waits_in_vain(self, user_key: str) -> bool:
        for _ in range(int(WAIT_SECONDS / LOOK_SECONDS)):
            if self._shares.begin(user_key):
                return False
            self._sleep(LOOK_SECONDS)
        return True

    def _remember(self, session: bytes, request: HttpRequest, *, is_known: bool, went_well: bool) -> None:
        if is_known or not went_well or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        try:
            user_key = str(request.user.pk or "")
        except DatabaseError:
            return
        self._users[session] = user_key
        if len(self._users) > KEYS_REMEMBERED:
            self._users.popitem(last=False)


def _refused() -> HttpResponse:
    refusal = Refusal(Code.TOO_FAST)
    response = HttpResponse(json_answers.content(refusal), content_type="application/json", status=refusal.status)
    response["Cache-Control"] = "no-store"
    return response
