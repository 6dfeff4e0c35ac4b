"""Authorisation: signatures, timestamps, Basic auth."""

from __future__ import annotations

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient, basic


def test_a_wrong_secret_is_401_and_says_what_was_to_be_signed(client: RawClient):
    assert client.call("image/destroy", public_id="a").status == 200
    client.secret = "wrong"
    answer = client.call("image/destroy", public_id="a", timestamp=7)

    assert answer.status == 401
    assert answer.error.startswith("Invalid Signature ")
    assert answer.error.endswith("String to sign - 'public_id=a&timestamp=7'.")


def test_an_ampersand_is_escaped_before_it_is_signed(client: RawClient):
    assert client.call("image/destroy", public_id="a&b").status == 200


def test_what_is_sent_and_what_is_signed_are_the_same(client: RawClient):
    added = client.signed({"public_id": "a"}) | {"invalidate": "1"}
    removed = client.signed({"public_id": "a", "invalidate": "1"})
    del removed["invalidate"]

    assert [client.post("image/destroy", sent).status for sent in (added, removed)] == [401, 401]


def test_what_an_endpoint_does_not_know_must_not_be_signed(client: RawClient):
    assert client.upload(max_file_size="1").status == 401
    assert client.call("image/destroy", public_id="a", overwrite="1").status == 401
    assert client.upload(overwrite="1").status == 200


def test_a_stale_or_future_timestamp_is_refused(client: RawClient):
    now = int(client.cloud.now())

    for seconds, status in [(-3500, 200), (3500, 200), (-3700, 400), (3700, 400)]:
        answer = client.call("image/destroy", public_id="a", timestamp=now + seconds)
        assert answer.status == status
        assert answer.error.startswith("Stale request - reported time is ") is (status == 400)


def test_nothing_goes_unsigned(client: RawClient):
    for absent in ("api_key", "signature", "timestamp"):
        sent = client.signed({"public_id": "a"}) | {absent: ""}
        assert client.post("image/destroy", sent).error == f"Missing required parameter - {absent}"
    assert client.post("image/upload", {"public_id": "a"}, PNG).status == 400


def test_another_key_or_cloud_is_401(client: RawClient, cloud: Cloud):
    client.key = "another"
    assert client.call("image/destroy", public_id="a").status == 401
    assert client.send("GET", "/v1_1/nobody/config", Authorization=basic(cloud.key, cloud.secret)).status == 401


def test_the_admin_api_wants_basic_auth(client: RawClient):
    assert client.admin("config").status == 200
    for given in ("nonsense", "Bearer token", basic(client.key, "wrong"), basic("another", client.secret)):
        assert client.admin("config", authorization=given).error == "Invalid credentials"
