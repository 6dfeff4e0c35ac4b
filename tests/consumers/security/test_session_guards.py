"""A session is valid for as long as its user is, and not one check longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from consumers.runtime import Runtime
from consumers.security.sessions import session_user, session_users
from tests.support.wire.draft_driver import PRODUCT
from uploads import api
from uploads.core.errors import Code, Refusal
from uploads.runtime.threads import database


def signed_in(user: User) -> str:
    """Return the key of a session of `user`."""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def counts(key: str) -> list[bool]:
    """Whether the session is valid in the handshake, and in the regular check."""
    return [session_user(key) is not None, key in session_users([key, "x" * 32])]


def test_a_session_is_its_users(user: User):
    key = signed_in(user)

    assert session_user(key) == user
    assert counts(key) == [True, True]
    assert counts("") == counts("x" * 32) == [False, False]


def test_another_password_ends_the_sessions_of_the_one_before(user: User):
    """Without a hash in the session, a stolen one would stay valid after a change of password."""
    key = signed_in(user)
    user.set_password("another and long")
    user.save()

    assert counts(key) == [False, False]


def test_a_user_who_is_no_longer_active_has_no_session(user: User):
    key = signed_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert counts(key) == [False, False]


def test_a_key_that_is_being_replaced_signs_nobody_out(user: User, settings: Settings):
    key = signed_in(user)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key of some length, with different characters"
    assert counts(key) == [False, False]

    settings.SECRET_KEY_FALLBACKS = [old]

    assert counts(key) == [True, True]
    assert Session.objects.filter(session_key=key).exists()


def test_a_session_that_expired_is_none(user: User):
    key = signed_in(user)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert counts(key) == [False, False]


def test_a_session_of_a_backend_that_was_taken_away_is_none(user: User, settings: Settings):
    key = signed_in(user)
    settings.AUTHENTICATION_BACKENDS = ["axes.backends.AxesBackend"]

    assert counts(key) == [False, False]


async def test_the_regular_check_closes_the_sockets_of_sessions_that_ended(user: User):
    """Nobody signed out here: the row is gone, and no event was sent."""
    # The check also asks for the permission on the draft.
    await database.run(User.objects.filter(pk=user.pk).update, is_superuser=True)
    keys = [await database.run(signed_in, user) for _ in range(2)]
    runtime = Runtime()
    draft_id = await database.run(lambda: api.open_draft(user, PRODUCT, fresh=True).id)
    tabs = [Tab(key, draft_id) for key in keys]
    for tab in tabs:
        runtime.connections.add(tab)
    await runtime._check_connections()
    assert [tab.refused for tab in tabs] == [[], []]

    await database.run(Session.objects.filter(session_key=keys[0]).delete)
    await runtime._check_connections()

    assert [tab.refused for tab in tabs] == [[Code.SIGNED_OUT], []]


class Tab:
    """A connection that records with what it was refused."""

    def __init__(self, key: str, draft_id: UUID) -> None:
        self.draft_id, self.session_key, self.revision = draft_id, key, 2**31
        self.permitted_at = 0.0
        self.socket_id: UUID | None = None
        self.refused: list[Code] = []

    async def draft_snapshot(self, event: dict[str, Any]) -> None: ...

    async def draft_ended(self, event: dict[str, Any]) -> None: ...

    async def refuse(self, refusal: Refusal) -> None:
        self.refused.append(refusal.code)
