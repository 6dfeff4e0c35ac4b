"""The same call in every encoding, and how a browser asks first."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlencode

from tests.cloudinary_loopback.tests.raw_client import BOUNDARY, PNG, RawClient, basic, fields, multipart


def test_multipart_urlencoded_and_json_say_the_same(client: RawClient):
    client.upload(public_id="a", tags="t")
    sent = client.signed({"command": "add", "tag": "x", "public_ids": ["a", "b"]})
    as_json = client.api("POST", "image/tags", json.dumps(sent).encode(), Content_Type="application/json")

    assert client.multipart("image/tags", sent).json == {"public_ids": ["a"]}
    assert client.form("image/tags", sent).json == {"public_ids": ["a"]}
    assert as_json.json == {"public_ids": ["a"]}


def test_node_sends_chunked_bodies_and_words_for_flags(client: RawClient):
    body = multipart(client.signed({"public_id": "a", "overwrite": "false"}), PNG)
    pieces = (body[at : at + 100] for at in range(0, len(body), 100))
    answer = client.api("POST", "image/upload", pieces, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")

    assert answer.json["bytes"] == len(PNG)


def test_admin_bodies_may_be_urlencoded(client: RawClient):
    client.upload(public_id="a")
    answer = client.api(
        "DELETE",
        "resources/image/upload",
        urlencode(fields({"public_ids": ["a"]})),
        Content_Type="application/x-www-form-urlencoded",
        Authorization=basic(client.key, client.secret),
    )

    assert answer.json["deleted"] == {"a": "deleted"}


def test_null_in_json_is_as_good_as_absent(client: RawClient):
    client.upload(public_id="a")

    assert client.admin("DELETE", "resources/image/upload", public_ids=["a"], transformations=None).status == 200


def test_bodies_that_are_not_what_they_say_are_refused(client: RawClient):
    for kind, body in [
        ("application/json", b"{"),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("text/plain", b"x"),
    ]:
        assert client.api("POST", "image/destroy", body, Content_Type=kind).status == 400


def test_a_browser_may_ask_from_anywhere(client: RawClient):
    asked = client.api("OPTIONS", "image/upload", Origin="http://shop.example")

    assert (asked.status, asked.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert client.upload().headers["Access-Control-Allow-Origin"] == "*"


def test_connections_are_kept(client: RawClient):
    connection = http.client.HTTPConnection(client.cloud.address.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", f"/v1_1/{client.cloud.name}/ping")
        assert connection.getresponse().read()
        kept = connection.sock
    assert connection.sock is kept
    connection.close()


def test_an_unknown_endpoint_is_404_and_stands_in_the_log(client: RawClient):
    assert client.admin("GET", "no/such/thing").status == 404
    assert client.api("PUT", "image/upload").status == 404
    assert [event.endpoint for event in client.cloud.calls()] == ["unknown", "unknown"]
