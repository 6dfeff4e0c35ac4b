"""Sign-in limits that prevent password guessing without locking anybody out.

django-axes counts failures by user name and address. That is not enough where many share an address, such as an
office's or a proxy's: a stranger could keep a colleague's name locked for as long as they like. So a browser that has
signed in before has a counter of its own (a *known browser*), which strangers cannot increase.

Checking a password deliberately costs half a second of CPU time. Unknown browsers take turns, one at a time per
process, so that a flood of sign-ins cannot occupy all cores.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core import signing
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

KNOWN_BROWSER = "known_browser"
"""Name of the cookie. The user name is part of its salt, so one issued to somebody else is invalid."""
LONGEST_NAME = 150
KNOWN_SECONDS = 90 * 86_400
TURN_SECONDS = 20
MAX_WAITING = 50
"""Maximum number of unknown browsers waiting their turn; at nine, a whole office is served within half a minute."""
REFUSED_SECONDS = 1.0
"""How long a refusal is delayed while `MAX_WAITING` wait."""
_waiting = threading.BoundedSemaphore(MAX_WAITING)
_turn = threading.BoundedSemaphore(1)


def known_browser(request: HttpRequest, username: str) -> str:
    """Return the id of a browser in which `username` has signed in before; empty for others."""
    try:
        return request.get_signed_cookie(KNOWN_BROWSER, salt=_salt(username), max_age=KNOWN_SECONDS) or ""
    except (KeyError, signing.BadSignature):
        return ""


def remember_browser(response: HttpResponse, username: str, browser: str) -> None:
    """Set the cookie that makes this a known browser of `username`."""
    response.set_signed_cookie(
        KNOWN_BROWSER,
        browser or secrets.token_urlsafe(16),
        salt=_salt(username),
        max_age=KNOWN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _salt(username: str) -> str:
    return f"erp.known-browser:{username}"


def failure_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the name under which django-axes counts a failure; a known browser has its own."""
    # The form accepts names of any length, and PostgreSQL refuses those that exceed its column.
    username = str((credentials or request.POST).get("username", ""))[:LONGEST_NAME]
    browser = known_browser(request, username)
    return f"{username} in {browser}" if browser else username


@contextmanager
def turn() -> Iterator[bool]:
    """Wait until no other unknown browser's password is being checked; False if too many wait, or for too long."""
    if not _waiting.acquire(blocking=False):
        # Refused at once, the client would be back at once, and the page costs more than this wait.
        close_old_connections()
        sleep(REFUSED_SECONDS)
        yield False
        return
    try:
        # Release the connection for others while waiting.
        close_old_connections()
        is_mine = _turn.acquire(timeout=TURN_SECONDS)
        try:
            yield is_mine
        finally:
            if is_mine:
                _turn.release()
    finally:
        _waiting.release()


class SignIn(LoginView):
    """The sign-in page; answers 429 with a message if the user has to wait."""

    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the password, waiting for a turn if the browser is unknown."""
        if known_browser(request, request.POST.get("username", "")):
            return super().post(request, *args, **kwargs)
        with turn() as is_mine:
            if is_mine:
                return super().post(request, *args, **kwargs)
        return self._wait(gettext("Too many people are signing in. Try again in a minute."), 60)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in and remember the browser."""
        response = super().form_valid(form)
        username = form.get_user().get_username()
        remember_browser(response, username, known_browser(self.request, username))
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the error, or that sign-in is paused."""
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
        minutes = -(-seconds // 60)
        sentence = ngettext(
            "Too many failed sign-ins. Try again in %(count)s minute.",
            "Too many failed sign-ins. Try again in %(count)s minutes.",
            minutes,
        )
        return self._wait(sentence % {"count": minutes}, seconds)

    def _wait(self, sentence: str, seconds: int) -> HttpResponse:
        # Unbound, because the password is not what is wrong.
        form = self.form_class(self.request, initial={"username": self.request.POST.get("username", "")[:LONGEST_NAME]})
        response = self.render_to_response(self.get_context_data(form=form, wait=sentence))
        response.status_code = 429
        response["Retry-After"] = str(seconds)
        return response
