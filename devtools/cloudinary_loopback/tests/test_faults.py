"""Everything that can be made to fail, and what is recorded of it."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import RawClient
from tests.support.servers.server import wait_for


@pytest.mark.parametrize(
    ("kind", "status", "effect"),
    [
        ("420", 420, False),
        ("423", 423, False),
        ("429", 429, False),
        ("500", 500, False),
        ("502", 502, False),
        ("503", 503, False),
        ("done but 500", 500, True),
    ],
)
def test_another_status_instead_of_the_answer(cloud: Cloud, client: RawClient, kind: str, status: int, effect: bool):
    cloud.fail("upload", kind)
    answer = client.upload()
    event = cloud.calls("upload")[0]

    assert answer.status == status
    assert cloud.ids() == (["a"] if effect else [])
    assert (event.status, event.fault, event.public_id) == (status, kind, "a")
    assert client.upload().status == 200


def test_a_proxys_page_is_html(cloud: Cloud, client: RawClient):
    cloud.fail("config", "502")
    answer = client.admin("config")

    assert answer.headers["Content-Type"] == "text/html"
    assert answer.body.startswith(b"<html>")


def test_a_used_up_allowance_has_its_headers(cloud: Cloud, client: RawClient):
    cloud.fail("config", "420", retry_after=7)
    answer = client.admin("config")

    assert answer.headers["X-FeatureRateLimit-Remaining"] == "0"
    assert answer.headers["X-FeatureRateLimit-Reset"]
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(("kind", "effect"), [("cut before", False), ("cut after", True)])
def test_a_cut_connection(cloud: Cloud, client: RawClient, kind: str, effect: bool):
    cloud.fail("upload", kind)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.upload()

    assert cloud.ids() == (["a"] if effect else [])
    assert [event.status for event in cloud.calls("upload")] == [None]


def test_a_fault_may_say_whether_the_call_takes_effect(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "503", effect=True)
    cloud.fail("upload", "garbage", effect=False)
    client.upload()
    client.upload(public_id="b")

    assert cloud.ids() == ["a"]


@pytest.mark.parametrize("kind", ["truncated", "garbage"])
def test_an_answer_that_is_no_json(cloud: Cloud, client: RawClient, kind: str):
    cloud.fail("upload", kind)
    answer = client.upload()

    assert (answer.status, cloud.ids()) == (200, ["a"])
    with pytest.raises(ValueError, match=r".*"):
        json.loads(answer.body)


def test_half_an_answer(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "half body")
    with pytest.raises(http.client.IncompleteRead):
        client.upload()

    assert cloud.ids() == ["a"]


def test_an_answer_in_drops_is_a_whole_answer(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "drip", seconds=0.05)

    assert client.upload().json["public_id"] == "a"


@pytest.mark.parametrize(("kind", "effect"), [("delay", True), ("hang", False)])
def test_healing_releases_the_calls_that_wait(cloud: Cloud, client: RawClient, kind: str, effect: bool):
    cloud.fail("upload", kind, seconds=600)
    ended: list[Any] = []

    def upload() -> None:
        try:
            ended.append(client.upload().status)
        except (http.client.HTTPException, ConnectionError):
            ended.append(None)

    waiting = threading.Thread(target=upload)
    waiting.start()
    wait_for(lambda: any(event.fault for event in cloud.calls("upload")))
    assert cloud.ids() == []
    cloud.heal()
    waiting.join(10)

    assert ended == [200 if effect else None]
    assert cloud.ids() == (["a"] if effect else [])


def test_a_fault_strikes_some_calls_of_its_endpoint_after_others_succeeded(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "500", times=2, after=1)

    assert client.admin("config").status == 200
    assert [client.upload().status for _ in range(4)] == [200, 500, 500, 200]


def test_a_refused_call_is_recorded_with_its_reason(cloud: Cloud, client: RawClient):
    client.call("image/rename", from_public_id="a", to_public_id="b")
    (event,) = cloud.calls("rename")

    assert (event.status, event.public_id, event.message) == (404, "a", "Resource not found - a")
    assert event.parameters.keys() == {"from_public_id", "to_public_id", "timestamp"}


def test_parameters_without_effect_and_unknown_endpoints_fail_the_check(cloud: Cloud, client: RawClient):
    client.upload()
    cloud.check()
    client.post("image/destroy", client.signed({"public_id": "a"}) | {"unheard_of": "1"})
    with pytest.raises(AssertionError, match="unheard_of"):
        cloud.check()
    cloud.log.clear()
    assert client.admin("no/such/thing").status == 404
    with pytest.raises(AssertionError, match="no/such/thing"):
        cloud.check()
