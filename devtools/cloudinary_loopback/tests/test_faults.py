"""Everything that can be made to go wrong, and what the log says of it."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.faults import Kind
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
    answer = client.upload(public_id="a")
    event = cloud.calls("upload")[0]

    assert answer.status == status
    assert cloud.ids() == (["a"] if effect else [])
    assert (event.status, event.effect, event.fault, event.public_id) == (status, effect, kind, "a")
    assert client.upload(public_id="a").status == 200


def test_a_proxys_page_is_html(cloud: Cloud, client: RawClient):
    cloud.fail("config", "502")
    answer = client.admin("config")

    assert answer.headers["Content-Type"] == "text/html"
    assert answer.body.startswith(b"<html>")


def test_a_used_up_budget_has_its_headers(cloud: Cloud, client: RawClient):
    cloud.fail("config", "420", retry_after=7)
    answer = client.admin("config")

    assert answer.headers["X-FeatureRateLimit-Remaining"] == "0"
    assert answer.headers["X-FeatureRateLimit-Reset"]
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize("retry_after", [None, 3])
def test_too_many_with_and_without_a_time_to_wait(cloud: Cloud, client: RawClient, retry_after: int | None):
    cloud.fail("upload", "429", retry_after=retry_after)

    assert client.upload().headers["Retry-After"] == (retry_after and str(retry_after))


@pytest.mark.parametrize(("kind", "effect"), [("cut before", False), ("cut after", True)])
def test_a_cut_connection(cloud: Cloud, client: RawClient, kind: str, effect: bool):
    cloud.fail("upload", kind)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.upload(public_id="a")

    assert cloud.ids() == (["a"] if effect else [])
    assert [(event.status, event.effect) for event in cloud.calls("upload")] == [(None, effect)]


def test_an_effect_may_be_ordered_or_forbidden(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "503", effect=True)
    cloud.fail("upload", "garbage", effect=False)
    client.upload(public_id="a")
    client.upload(public_id="b")

    assert cloud.ids() == ["a"]


@pytest.mark.parametrize("kind", ["truncated", "garbage"])
def test_an_answer_that_is_no_json(cloud: Cloud, client: RawClient, kind: str):
    cloud.fail("upload", kind)
    answer = client.upload(public_id="a")

    assert (answer.status, cloud.ids()) == (200, ["a"])
    with pytest.raises(ValueError, match=r".*"):
        json.loads(answer.body)


def test_half_an_answer(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "half body")
    with pytest.raises(http.client.IncompleteRead):
        client.upload(public_id="a")

    assert cloud.ids() == ["a"]


def test_an_answer_in_drops_is_a_whole_answer(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "drip", seconds=0.05)

    assert client.upload(public_id="a").json["public_id"] == "a"


@pytest.mark.parametrize(("kind", "effect"), [("delay", True), ("hang", False)])
def test_whoever_waits_is_let_go(cloud: Cloud, client: RawClient, kind: str, effect: bool):
    cloud.fail("upload", kind, seconds=600)
    ended: list[Any] = []

    def upload() -> None:
        try:
            ended.append(client.upload(public_id="a").status)
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


def test_only_the_calls_that_match_and_only_so_many(cloud: Cloud, client: RawClient):
    cloud.fail("upload", "500", times=2, match={"public_id": "tmp/*"})
    statuses = [client.upload(public_id=public_id).status for public_id in ("x", "tmp/a", "tmp/a", "tmp/a")]

    assert statuses == [200, 500, 500, 200]


def test_the_second_call_of_any_kind(cloud: Cloud, client: RawClient):
    cloud.fail("", "503", after=1)

    assert [client.admin("config").status, client.upload().status, client.upload().status] == [200, 503, 200]


def test_delivery_fails_too(cloud: Cloud, client: RawClient):
    client.upload(public_id="a")
    cloud.fail("delivery", "423")

    assert [client.image("image/upload/v1/a.png").status for _ in "12"] == [423, 200]


def test_every_kind_says_whether_it_happened(cloud: Cloud):
    assert {kind for kind in Kind if cloud.fail("x", kind).happens} == {
        Kind.DELAY, Kind.CUT_AFTER, Kind.DONE_BUT_500, Kind.TRUNCATED, Kind.GARBAGE, Kind.HALF_BODY, Kind.DRIP,
    }  # fmt: skip


def test_a_refused_call_had_no_effect(cloud: Cloud, client: RawClient):
    client.call("image/rename", from_public_id="a", to_public_id="b")
    event = cloud.calls("rename")[0]

    assert (event.status, event.effect, event.public_id, event.to_public_id) == (404, False, "a", "b")


def test_the_log_tells_what_was_sent(cloud: Cloud, client: RawClient):
    client.upload(public_id="a", overwrite="false", asset_folder="v" * 300)
    told = cloud.calls("upload")[0].parameters

    assert set(told) == {"public_id", "overwrite", "asset_folder", "timestamp"}
    assert (told["overwrite"], len(told["asset_folder"])) == ("false", 200)


def test_parameters_without_effect_are_written_down_and_minded(cloud: Cloud, client: RawClient):
    client.form("image/destroy", client.signed({"public_id": "a"}) | {"unheard_of": "1"})

    assert [event.ignored for event in cloud.calls("destroy")] == [["unheard_of"]]
    cloud.check()
    cloud.plan.strict = True
    with pytest.raises(AssertionError, match="unheard_of"):
        cloud.check()
    cloud.plan.strict = False
