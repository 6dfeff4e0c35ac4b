from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.servers.multipart import CLEANUP, CREATE, UPLOAD, image

pytestmark = pytest.mark.django_db(transaction=True)
routes = pytest.mark.parametrize("route", [UPLOAD, CLEANUP])


@routes
def test_signed_out_is_told_in_json_and_not_redirected(route: str) -> None:
    answer = Client().post(route)

    assert answer.status_code == 401
    assert answer.json()["success"] is False
    assert answer.json()["error"].keys() == {"code", "message", "retryable"}
    assert answer.json()["error"]["code"] == "signed_out"


@routes
def test_signed_out_without_a_token_is_still_told_to_sign_in(route: str) -> None:
    assert Client(enforce_csrf_checks=True).post(route).status_code == 401


@routes
def test_without_permission_nothing_is_taken(route: str, make_client: Callable[..., Client]) -> None:
    answer = make_client("viewer", "view").post(route, {"file": image()})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_allowed"


@routes
def test_only_post_is_taken(route: str, demo: Client) -> None:
    answer = demo.get(route)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.json()["error"]["code"] == "method_not_allowed"


@routes
def test_a_missing_token_is_refused_in_json(route: str, make_client: Callable[..., Client]) -> None:
    client = make_client("strict", "add")
    client.handler.enforce_csrf_checks = True

    answer = client.post(route)

    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": "csrf_failed",
        "message": "This page is out of date. Reload it and try again.",
        "retryable": True,
    }


def test_the_token_of_the_page_is_taken(make_client: Callable[..., Client]) -> None:
    client = make_client("strict", "add")
    client.handler.enforce_csrf_checks = True
    client.get(CREATE, follow=True)

    answer = client.post(CLEANUP, headers={"X-CSRFToken": client.cookies["csrftoken"].value})

    assert answer.json() == {"success": True, "deleted": 0, "errors": []}


def test_pages_keep_djangos_own_answer(make_client: Callable[..., Client]) -> None:
    client = make_client("strict", "add")
    client.handler.enforce_csrf_checks = True

    answer = client.post(CREATE)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")
