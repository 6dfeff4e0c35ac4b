"""Permissions of many sockets in one check, and how many files a user may add."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from consumers import dispatch
from consumers.dispatch import RequestContext, refusal_codes
from consumers.protocol import messages
from tests.support.draft_fixtures import driver, make_driver, may_add_products, other_user, service_clock, user
from tests.support.wire.draft_driver import PRODUCT, Driver
from uploads import api
from uploads.core.errors import Code, Refusal
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.files import admission
from uploads.permissions import Target
from uploads.presence import sockets

__all__ = ["driver", "make_driver", "may_add_products", "other_user", "service_clock", "user"]

pytestmark = pytest.mark.django_db(transaction=True)


class Broken:
    """An authoriser that fails."""

    def can_open(self, user: User, target: Target) -> bool:
        raise ConnectionError("the directory does not answer")

    can_view = can_open


def signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[project.SESSION_COOKIE_NAME].value


def test_every_reason_to_end_a_socket_is_found_in_one_look(driver: Driver, other_user: User, may_add_products: None):
    mine, theirs = signed_in(driver.user), signed_in(other_user)
    foreign = api.open_draft(other_user, PRODUCT).id
    asked = {(mine, driver.id), (mine, foreign), (mine, uuid4()), (theirs, foreign), ("gone", driver.id)}
    answers = refusal_codes(asked)

    assert answers.keys() == asked
    assert answers[mine, driver.id] is None
    assert answers[mine, foreign] == Code.DRAFT_NOT_FOUND
    assert answers[theirs, foreign] == Code.NOT_ALLOWED
    assert answers["gone", driver.id] == Code.SIGNED_OUT
    assert sorted(str(answer) for answer in answers.values()) == [
        "None",
        "draft_not_found",
        "draft_not_found",
        "not_allowed",
        "signed_out",
    ]


def test_a_right_that_is_withdrawn_is_seen_by_the_next_look(driver: Driver, may_add_products: None):
    pair = (signed_in(driver.user), driver.id)
    before = refusal_codes([pair])
    driver.user.user_permissions.clear()

    assert (before, refusal_codes([pair])) == ({pair: None}, {pair: Code.NOT_ALLOWED})


def test_a_command_of_a_user_who_lost_the_right_is_refused(driver: Driver, may_add_products: None):
    file_id = driver.add().file
    context = RequestContext(signed_in(driver.user), driver.id, uuid4())
    driver.user.user_permissions.clear()
    with pytest.raises(Refusal) as refused:
        dispatch.perform(context, messages.Remove(op="a", file=file_id))

    assert refused.value.code == Code.NOT_ALLOWED
    assert driver.names() == ["mug.jpg"]


def test_an_authoriser_that_fails_gives_no_answer(driver: Driver, settings: Settings):
    key = signed_in(driver.user)
    settings.UPLOADS = {**settings.UPLOADS, "AUTHORISER": f"{__name__}.Broken"}

    assert refusal_codes([(key, driver.id)]) == {}


def test_a_user_who_adds_and_removes_without_end_is_stopped(
    driver: Driver, may_add_products: None, monkeypatch: pytest.MonkeyPatch
):
    """Each file is a row for a month."""
    monkeypatch.setattr(admission, "adds", KeyedLimiter(Rate(3, 0.0)))
    context = RequestContext(signed_in(driver.user), driver.id, driver.connect(sockets.start_process()))

    def add() -> UUID:
        file = uuid4()
        message = messages.Add(op="a", file=file, name="mug.jpg", size=9, content_type="image/jpeg")
        dispatch.perform(context, message)
        return file

    for _ in range(3):
        dispatch.perform(context, messages.Remove(op="r", file=add()))
    with pytest.raises(Refusal) as refused:
        add()

    assert refused.value.code == Code.TOO_FAST


def test_a_tab_names_itself_by_a_uuid_or_not_at_all():
    tab = uuid4()
    assert dispatch.tab_id(f"revision=3&tab={tab}") == tab
    assert [dispatch.tab_id(query) for query in ("", "tab=", "tab=7", "tab=\x00", "other=1")] == [None] * 5
