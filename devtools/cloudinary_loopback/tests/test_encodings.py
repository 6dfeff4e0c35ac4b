"""The same call in each encoding."""

from __future__ import annotations

import http.client

from devtools.cloudinary_loopback.tests.raw_client import RawClient


def test_multipart_and_urlencoded_say_the_same(client: RawClient):
    sent = client.signed({"public_id": "a", "invalidate": "true"})

    assert client.multipart("image/destroy", sent).json == {"result": "not found"}
    assert client.form("image/destroy", sent).json == {"result": "not found"}


def test_bodies_that_are_not_what_they_say_are_refused(client: RawClient):
    for kind, body in [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("text/plain", b"x"),
    ]:
        assert client.api("POST", "image/destroy", body, Content_Type=kind).status == 400


def test_connections_are_kept(client: RawClient):
    connection = http.client.HTTPConnection(client.cloud.address.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", f"/v1_1/{client.cloud.name}/config")
        assert connection.getresponse().read()
        kept = connection.sock
    assert connection.sock is kept
    connection.close()


def test_an_unknown_endpoint_is_404_and_stands_in_the_log(client: RawClient):
    assert client.admin("no/such/thing").status == 404
    assert client.api("PUT", "image/upload").status == 404
    assert [event.endpoint for event in client.cloud.calls()] == ["unknown", "unknown"]
