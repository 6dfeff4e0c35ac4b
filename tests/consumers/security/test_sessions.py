"""The user of a session: what invalidates a cookie, checked for one socket and for all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from consumers.security import sessions
from tests.support.draft_fixtures import other_user, user

__all__ = ["other_user", "user"]

pytestmark = pytest.mark.django_db(transaction=True)

OLD_KEY = "the key before this one, long enough to sign with"


def signed_in(user: User) -> str:
    """A fresh session of `user`; returns its key."""
    client = Client()
    client.force_login(user)
    return client.cookies[project.SESSION_COOKIE_NAME].value


def user_of(key: str) -> User | None:
    """Return the user of the session; both ways of asking must agree."""
    alone, together = sessions.session_user(key), sessions.session_users([key, "no-such-session"])
    assert together == ({} if alone is None else {key: alone})
    return alone


def test_a_session_is_its_users(user: User, other_user: User):
    keys = [signed_in(user), signed_in(other_user)]

    assert [user_of(key) for key in keys] == [user, other_user]
    assert sessions.session_users(keys) == dict(zip(keys, (user, other_user), strict=True))


def test_another_password_ends_the_sessions_made_with_the_old_one(user: User):
    user.set_password("old")
    user.save()
    key = signed_in(user)
    user.set_password("new")
    user.save()

    assert user_of(key) is None
    assert user_of(signed_in(user)) == user


def test_an_inactive_user_has_no_session(user: User):
    key = signed_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert user_of(key) is None


def test_a_session_signed_with_the_key_before_still_counts_while_that_is_named(user: User, settings: Settings):
    new_key, settings.SECRET_KEY = settings.SECRET_KEY, OLD_KEY
    key = signed_in(user)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new_key, [OLD_KEY]
    while_named = user_of(key)
    settings.SECRET_KEY_FALLBACKS = []

    assert (while_named, user_of(key)) == (user, None)


def test_a_session_that_ran_out_is_none(user: User):
    key = signed_in(user)
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))

    assert user_of(key) is None


def test_a_session_that_was_deleted_is_none(user: User):
    key = signed_in(user)
    Session.objects.all().delete()

    assert user_of(key) is None


def test_a_backend_that_was_taken_away_ends_its_sessions(user: User, settings: Settings):
    key = signed_in(user)
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]

    assert user_of(key) is None


@pytest.mark.parametrize("key", ["", "no-such-session", "x" * 10_000, "\0", "'; --"])
def test_a_cookie_that_is_no_session_is_nobodys(key: str, transactional_db: None):
    assert sessions.session_user(key) is None


def test_a_cookie_that_is_no_session_spoils_no_lookup_of_many(user: User):
    mine = signed_in(user)
    with CaptureQueriesContext(connection) as asked:
        assert sessions.session_users(["", "x" * 10_000, "\0" * 32, "'; --", mine]) == {mine: user}

    assert not [one for one in asked.captured_queries if "\0" in one["sql"] or "x" * 41 in one["sql"]]


def test_many_sessions_are_looked_up_in_two_queries(
    user: User, other_user: User, django_assert_num_queries: Callable[..., object]
):
    keys = [signed_in(one) for one in (user, other_user) * 5]
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert len(sessions.session_users(keys)) == 10
