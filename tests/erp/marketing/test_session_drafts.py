from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from erp.marketing import session_drafts
from tests.support.servers.multipart import new_draft
from uploads import api

pytestmark = pytest.mark.django_db(transaction=True)


def test_keeps_names_in_the_shape_of_the_session_key() -> None:
    session, first, second = SessionStore(), uuid4(), uuid4()

    for draft in (first, second, first):
        session_drafts.add(session, draft)

    assert session["temp_product_files"] == {"drafts": [str(second), str(first)]}
    assert session_drafts.named(session) == [second, first]


def test_forgets_the_key_with_the_last_name() -> None:
    session, draft = SessionStore(), uuid4()
    session_drafts.add(session, draft)

    session_drafts.drop(session, [draft])

    assert "temp_product_files" not in session


def test_writes_only_what_changed() -> None:
    session = SessionStore()
    session_drafts.drop(session, [uuid4()])

    assert session.modified is False


def test_the_newest_is_one_that_is_live(demo: Client, user: User) -> None:
    session = SessionStore()
    live, ended = new_draft(demo), new_draft(demo)
    for draft in (live, ended):
        session_drafts.add(session, draft)
    api.discard(user, ended)

    assert session_drafts.newest(session, user) == live
    assert session_drafts.named(session) == [live]


def test_drafts_of_somebody_else_are_not_live(draft: UUID) -> None:
    session = SessionStore()
    session_drafts.add(session, draft)

    assert session_drafts.newest(session, User.objects.create_user("sam")) is None
