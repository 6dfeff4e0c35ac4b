"""Who may ask: signatures, time, Basic auth."""

from __future__ import annotations

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import RawClient, basic


def test_a_good_signature_is_taken(client: RawClient):
    assert client.call("image/destroy", public_id="a").status == 200


def test_a_wrong_secret_is_401_and_says_what_was_to_be_signed(client: RawClient):
    answer = client.form("image/destroy", client.signed({"public_id": "a", "timestamp": 7}, secret="wrong"))

    assert answer.status == 401
    assert answer.error.startswith("Invalid Signature ")
    assert answer.error.endswith("String to sign - 'public_id=a&timestamp=7'.")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("version", [1, 2])
def test_both_hashes_and_both_versions_are_taken(client: RawClient, algorithm: str, version: int):
    sent = client.signed({"public_id": "a", "type": "upload"}, version=version, algorithm=algorithm)

    assert client.form("image/destroy", sent).status == 200


def test_sha_256_is_taken(client: RawClient):
    assert client.form("image/destroy", client.signed({"public_id": "a"}, algorithm="sha256")).status == 200


def test_the_escaping_of_version_two_is_taken(client: RawClient):
    answer = client.call("image/destroy", public_id="a&b")

    assert (answer.status, answer.json) == (200, {"result": "not found"})


def test_a_parameter_that_was_not_signed_spoils_the_signature(client: RawClient):
    sent = client.signed({"public_id": "a"}) | {"invalidate": "1"}

    assert client.form("image/destroy", sent).status == 401


def test_a_parameter_that_was_signed_and_not_sent_spoils_it_too(client: RawClient):
    sent = client.signed({"public_id": "a", "invalidate": "1"})
    del sent["invalidate"]

    assert client.form("image/destroy", sent).status == 401


def test_what_an_endpoint_does_not_know_must_not_be_signed(client: RawClient):
    assert client.upload(max_file_size="1").status == 401
    assert client.call("image/destroy", public_id="a", overwrite="1").status == 401
    assert client.upload(overwrite="1").status == 200


def test_time_must_be_there(client: RawClient):
    sent = client.signed({"public_id": "a", "timestamp": ""})

    assert client.form("image/destroy", sent).error == "Missing required parameter - timestamp"


def test_a_stale_time_is_refused(cloud: Cloud, client: RawClient):
    now = int(cloud.clock.now())

    assert client.call("image/destroy", public_id="a", timestamp=now - 3500).status == 200
    answer = client.call("image/destroy", public_id="a", timestamp=now - 3700)
    assert answer.status == 400
    assert answer.error.startswith("Stale request - reported time is ")
    assert answer.error.endswith("which is more than 1 hour ago")


def test_a_time_to_come_is_refused_or_not(cloud: Cloud, client: RawClient):
    ahead = int(cloud.clock.now()) + 7200

    assert client.call("image/destroy", public_id="a", timestamp=ahead).status == 400
    cloud.plan.future_timestamps = "accepted"
    assert client.call("image/destroy", public_id="a", timestamp=ahead).status == 200


def test_an_unknown_key_is_401(client: RawClient):
    client.key = "another"

    assert client.call("image/destroy", public_id="a").status == 401


def test_several_keys_of_one_cloud_are_good(cloud: Cloud, client: RawClient):
    cloud.keys["second"] = "its secret"
    client.key, client.secret = "second", "its secret"

    assert client.call("image/destroy", public_id="a").status == 200
    assert client.admin("config").status == 200


def test_an_unknown_cloud_is_401(client: RawClient):
    answer = client.send("POST", "/v1_1/nobody/image/destroy", b"", Authorization=basic(client.key, client.secret))

    assert answer.status == 401


def test_basic_auth_stands_in_for_a_signature(client: RawClient):
    form = "application/x-www-form-urlencoded"
    good, bad = basic(client.key, client.secret), basic(client.key, "wrong")

    assert client.api("POST", "image/destroy", "public_id=a", Content_Type=form, Authorization=good).status == 200
    assert client.api("POST", "image/destroy", "public_id=a", Content_Type=form, Authorization=bad).status == 401


@pytest.mark.parametrize(
    "given", ["", "Basic nonsense", "Bearer token", basic("123456789012345", "wrong"), basic("no", "x")]
)
def test_the_admin_api_wants_basic_auth(client: RawClient, given: str):
    answer = client.api("GET", "config", **({"Authorization": given} if given else {}))

    assert answer.status == 401
    assert answer.error


def test_nothing_goes_unsigned(client: RawClient):
    for sent in ({"public_id": "a"}, {"public_id": "a", "api_key": client.key}):
        assert client.form("image/destroy", sent).status == 400
    assert client.multipart("image/upload", {"upload_preset": "open"}, b"x").error.startswith("Missing required")
