"""Find the user of a socket by the session in its cookie, looked up again for every command.

Channels' own middleware reads the session once on connect and caches it, ignores ``SECRET_KEY_FALLBACKS`` and flushes
the session on a mismatch, which would sign people out (measured). This module never writes a session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import User
from django.http.cookie import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

Headers = Iterable[tuple[bytes, bytes]]
MAX_KEY = 40
"""Characters of a session key in the database."""


def session_key(headers: Headers) -> str:
    """Return the session key in the cookies of a request or handshake; empty if there is none."""
    cookies = "; ".join(value.decode("latin1") for name, value in headers if name == b"cookie")
    # Django's parser, as for pages: the standard library's drops all cookies because of a single malformed one.
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")


def session_group(key: str) -> str:
    """Return the channel-layer group of all sockets of a session; the name does not reveal the key."""
    return f"session-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def session_user(key: str) -> User | None:
    """Return the active user signed in with the session `key`, or None."""
    if not key:
        return None
    return _user_of(import_module(settings.SESSION_ENGINE).SessionStore(key).load())


def _user_of(session: Mapping[str, Any]) -> User | None:
    users = get_user_model()
    user = users._default_manager.filter(pk=session.get(SESSION_KEY) or 0, is_active=True).first()
    return user if _is_of(session, user) else None


def _is_of(session: Mapping[str, Any], user: User | None) -> bool:
    """Whether the session was created for `user` with the current password (fallback secret keys count)."""
    if user is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    known = session.get(HASH_SESSION_KEY, "")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(known, good) for good in hashes)


def session_users(keys: Iterable[str]) -> dict[str, User]:
    """Return the active user of each of `keys`; sessions that have ended have no entry.

    With sessions in the database this takes two queries, one for the sessions and one for the users; other engines are
    read key by key.
    """
    keys = set(keys)
    engine = import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(engine, "get_model_class"):
        return {key: user for key in keys if (user := session_user(key)) is not None}
    # Cookies are unchecked: PostgreSQL refuses a query with a NUL, and one bad key must not fail the others.
    keys = {key for key in keys if len(key) <= MAX_KEY and "\0" not in key}
    rows = engine.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    users = get_user_model()._default_manager.in_bulk([s.get(SESSION_KEY) for s in sessions.values()])
    by_id = {str(pk): user for pk, user in users.items() if user.is_active}
    found = {key: (session, by_id.get(session.get(SESSION_KEY, ""))) for key, session in sessions.items()}
    return {key: user for key, (session, user) in found.items() if user is not None and _is_of(session, user)}
