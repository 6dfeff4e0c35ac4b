"""The HTTP side of the protocol: permissions, and what a request may look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.db import OperationalError
from django.test import Client
from django.urls import path
from pytest_django import Settings

from consumers.broadcast import events
from consumers.polling.http_transport import HttpTransport
from consumers.polling.views import PollingViews
from tests.support.corpus.json_texts import TEXTS
from tests.support.time.service_clock import service_clock
from tests.support.wire.draft_driver import PRODUCT, Driver
from tests.support.wire.polling_client import PollingClient, client, driver, make_client, tab
from uploads import api, spool
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.files import admission
from uploads.presence import sockets

__all__ = ["client", "driver", "make_client", "service_clock", "tab"]


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 5000, "²"])
def test_a_revision_that_is_none_brings_the_snapshot(tab: PollingClient, client: Client, revision: str):
    answer = client.get(f"{tab.address}&revision={revision}")

    assert [message["type"] for message in answer.json()["messages"]] == ["snapshot"]


def test_the_answers_are_not_kept_by_anybody_on_the_way(tab: PollingClient, client: Client):
    assert client.get(tab.address)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("query", ["", "?tab=", "?tab=7", "?tab=" + "g" * 32])
def test_a_tab_names_itself(driver: Driver, client: Client, query: str):
    answer = client.get(f"/uploads/draft/{driver.id}/{query}")

    assert (answer.status_code, answer.json()["messages"][0]["code"]) == (400, "bad_message")


def test_nonsense_is_answered(tab: PollingClient):
    texts: dict[str, str | bytes] = {**TEXTS, "no text": b"\xff"}
    for name, text in texts.items():
        (error,) = tab.say(text)

        assert (error["code"], tab.status, tab.close) == ("bad_message", 400, None), name


def test_a_message_beyond_the_limit_is_refused_by_its_op(tab: PollingClient):
    text = json.dumps({"type": "note", "op": "long", "fields": {"x": ["x" * 131_072]}})
    (error,) = tab.say(text.encode())

    assert (error["code"], error["op"], tab.status, tab.close) == ("bad_message", "long", 400, None)


def test_who_is_signed_out_is_told(tab: PollingClient, client: Client, driver: Driver):
    client.logout()
    (error,) = tab.look()

    assert (error["code"], tab.status, tab.close) == ("signed_out", 401, 4401)


def test_who_lost_the_permission_is_told(tab: PollingClient):
    User.objects.get(username="ada").user_permissions.clear()
    (error,) = tab.look()
    assert (error["code"], tab.status, tab.close) == ("not_allowed", 403, 4403)
    (error,) = tab.say('{"type": "discard", "op": "a"}')

    assert error["code"] == "not_allowed"


def test_missing_and_foreign_drafts_get_the_same_answer(driver: Driver, make_client: Callable[[str], Client]):
    stranger = make_client("bob")
    answers = []
    for draft in (driver.id, uuid4()):
        tab = PollingClient(stranger, draft)
        answers += [(tab.look(), tab.status, tab.close), (tab.say('{"type": "ping"}'), tab.status, tab.close)]
        answers += [(tab.say('{"type": "discard", "op": "a"}'), tab.status, tab.close)]

    assert len({json.dumps(answer) for answer in answers}) == 1
    assert answers[0][1:] == (404, 4404)
    assert driver.state == "grace"


def test_a_file_of_another_draft_takes_no_bytes(tab: PollingClient, make_client: Callable[[str], Client]):
    transfer = tab.announce(b"x" * 100)
    stranger = make_client("bob")
    theirs = PollingClient(stranger, api.open_draft(User.objects.get(username="bob"), PRODUCT, fresh=True).id)
    (error,) = theirs.send(transfer, 0, b"x")

    assert error["code"] == "file_not_found"
    assert theirs.finish(transfer, b"x" * 100)["code"] == "file_not_found"
    assert spool.length(UUID(transfer["file"]), transfer["handle"]) == 0


def test_the_id_of_a_tab_belongs_to_one_draft(tab: PollingClient, client: Client, driver: Driver):
    tab.look()
    socket = driver.connect(sockets.start_process())
    other = PollingClient(client, api.open_draft(driver.user, PRODUCT, fresh=True).id)
    for taken in (tab.tab, socket):
        other.tab = taken
        (error,) = other.look()
        assert error["code"] == "bad_message"


def test_a_post_without_the_csrf_token_changes_nothing(tab: PollingClient, client: Client, driver: Driver):
    client.handler.enforce_csrf_checks = True
    refused = client.post(tab.address, '{"type": "discard", "op": "a"}', content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf_failed")
    transfer = driver.add()
    chunk = tab.chunk_address(transfer.file, transfer.epoch, 0)
    assert client.post(chunk, b"x", content_type="application/octet-stream").status_code == 403
    client.get("/accounts/login/?next=/")
    client.cookies["csrftoken"] = "t" * 32
    headers = {"X-CSRFToken": "t" * 32}
    ping = client.post(tab.address, '{"type": "ping"}', content_type="application/json", headers=headers)

    assert ping.json()["messages"] == [{"type": "pong"}]
    assert driver.state == "grace"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_taken(tab: PollingClient, client: Client, method: str):
    assert getattr(client, method)(tab.address).status_code == 405


def test_a_chunk_is_never_taken_by_get(tab: PollingClient, client: Client):
    transfer = tab.announce(b"x" * 100)

    assert client.get(tab.chunk_address(transfer["file"], transfer["handle"], 0)).status_code == 405


def test_asking_without_end_is_refused_for_a_while(tab: PollingClient, settings: Settings):
    views = PollingViews(HttpTransport(Rate(3, 0.0)))
    settings.ROOT_URLCONF = (path("uploads/draft/<uuid:draft_id>/", views.draft),)
    codes = [tab.look()[0].get("code") for _ in range(4)]

    assert codes == [None, None, None, "too_fast"]
    assert (tab.status, tab.close) == (429, 4429)


def test_the_sessions_of_a_user_share_a_pace(driver: Driver, settings: Settings):
    driver.user.user_permissions.set(Permission.objects.filter(codename="add_product"))
    views = PollingViews(HttpTransport(Rate(3, 0.0)))
    settings.ROOT_URLCONF = (path("uploads/draft/<uuid:draft_id>/", views.draft),)
    codes = []
    for _ in range(4):
        client = Client()
        client.force_login(driver.user)
        codes.append(PollingClient(client, driver.id).look()[0].get("code"))

    assert codes == [None, None, None, "too_fast"]


def test_adding_without_end_is_refused_for_a_while(tab: PollingClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admission, "adds", KeyedLimiter(Rate(2, 0.0)))
    codes = [tab.announce(b"x").get("code") for _ in range(3)]

    assert codes == [None, None, "too_fast"]
    assert tab.say('{"type": "ping"}') == [{"type": "pong"}]


def test_a_database_that_fails_while_the_end_is_told_is_answered_as_on_the_wire(
    tab: PollingClient, driver: Driver, monkeypatch: pytest.MonkeyPatch
):
    def away(_: UUID) -> None:
        raise OperationalError("the database is away")

    api.discard(driver.user, driver.id)
    monkeypatch.setattr(events, "read_end", away)
    (error,) = tab.look()

    assert (tab.status, error["code"], error["retryable"]) == (500, "server_error", True)
