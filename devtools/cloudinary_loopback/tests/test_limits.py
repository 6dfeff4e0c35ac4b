"""The limits of an account: sizes, calls per hour, and where it states them."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient
from tests.support.images.pictures import picture


def test_a_file_may_be_too_large(cloud: Cloud, client: RawClient):
    cloud.plan.image_max_bytes = len(PNG) - 1
    answer = client.upload(PNG)

    assert answer.status == 400
    assert answer.error == f"File size too large. Got {len(PNG)}. Maximum is {len(PNG) - 1}."


def test_a_request_may_be_too_large(cloud: Cloud, client: RawClient):
    cloud.plan.body_max_bytes = 3000

    assert client.upload(b"x" * 5000).status == 413
    assert client.upload(PNG).status == 200


def test_an_image_may_have_too_many_pixels(cloud: Cloud, client: RawClient):
    cloud.plan.image_max_px = 1000

    assert client.upload(picture("PNG", 100, 11)).error.startswith("Maximum image size is ")
    assert client.upload(picture("PNG", 100, 10)).status == 200


def test_usage_and_config_return_limits_and_folder_mode(cloud: Cloud, client: RawClient):
    cloud.plan.image_max_bytes = 4711
    assert client.admin("usage").json["media_limits"]["image_max_size_bytes"] == 4711
    assert client.admin("config", settings="true").json["settings"] == {"folder_mode": "dynamic"}
    cloud.plan.dynamic_folders = False
    assert client.admin("config", settings="true").json["settings"] == {"folder_mode": "fixed"}
    assert "settings" not in client.admin("config").json


def test_admin_calls_are_limited_by_the_hour(cloud: Cloud, client: RawClient):
    cloud.plan.admin_calls_per_hour = 2
    told = [client.admin("config") for _ in range(3)]

    assert [answer.headers["X-FeatureRateLimit-Remaining"] for answer in told] == ["1", "0", "0"]
    assert [answer.status for answer in told] == [200, 200, 420]
    assert told[2].error.startswith("Rate Limit Exceeded. Limit of 2 api operations reached. Try again on ")
    until = parsedate_to_datetime(told[2].headers["X-FeatureRateLimit-Reset"]).timestamp()
    assert 0 < until - cloud.now() <= 3600
    cloud.ahead += until - cloud.now() + 1
    assert client.admin("config").status == 200


def test_uploads_are_not_counted(cloud: Cloud, client: RawClient):
    answer = client.upload()

    assert cloud.admin_calls == {}
    assert "X-FeatureRateLimit-Limit" not in answer.headers
