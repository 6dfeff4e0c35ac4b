"""Uploads in one request."""

from __future__ import annotations

import hashlib

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.requests import Refused, multipart
from devtools.cloudinary_loopback.tests import raw_client
from devtools.cloudinary_loopback.tests.raw_client import JPEG, MULTIPART, PNG, RawClient
from tests.support.images.pictures import picture


def test_the_reply_says_what_was_stored(client: RawClient):
    answer = client.upload(PNG, public_id="a/b")
    told = answer.json

    assert answer.status == 200
    assert len(told["asset_id"]) == 32
    assert told["etag"] == hashlib.md5(PNG, usedforsecurity=False).hexdigest()
    expected = {"public_id": "a/b", "bytes": len(PNG), "format": "png", "width": 24, "height": 16, "type": "upload"}
    assert expected.items() <= told.items()
    assert abs(told["version"] - client.cloud.now()) < 60


def test_every_answer_has_an_id_for_support(client: RawClient):
    answers = [client.upload(), client.call("image/destroy"), client.admin("config"), client.image("image/upload/x")]

    assert len({answer.headers.get("X-Request-Id") for answer in answers} - {None}) == len(answers)


def test_a_file_and_an_id_must_be_there(client: RawClient):
    assert client.call("image/upload", public_id="a").error == "Missing required parameter - file"
    assert client.upload(public_id="").error == "Missing required parameter - public_id"


def test_overwriting_keeps_the_asset_and_makes_a_new_version(client: RawClient):
    first, second = client.upload(PNG).json, client.upload(JPEG).json

    assert second["asset_id"] == first["asset_id"]
    assert second["version"] > first["version"]
    assert second["format"] == "jpg"


def test_without_overwriting_the_second_upload_finds_the_first(client: RawClient):
    first, second = (client.upload(content, overwrite="0").json for content in (PNG, JPEG))

    assert "existing" not in first
    assert second == first | {"existing": True}
    assert len(client.cloud.assets) == 1
    assert client.upload(overwrite="yes").status == 400


def test_types_are_different_places(client: RawClient):
    client.upload()
    client.upload(type="authenticated")

    assert len(client.cloud.assets) == 2
    assert client.upload(type="private").status == 400


@pytest.mark.parametrize("content", [b"", b"no image", JPEG[:300], PNG[:60]], ids=["", "text", "half JPEG", "half PNG"])
def test_a_broken_image_is_refused(client: RawClient, content: bytes):
    answer = client.upload(content)

    assert (answer.status, answer.error) == (400, "Invalid image file")
    assert client.cloud.assets == {}


def test_only_allowed_formats_are_taken(client: RawClient):
    assert client.upload(PNG, allowed_formats="jpg,png").status == 200
    assert client.upload(PNG, allowed_formats="jpg,gif").status == 400


def test_an_incoming_transformation_rewrites_the_original(client: RawClient):
    told = client.upload(picture("PNG", 300, 200), transformation="c_limit,w_100,h_100").json

    assert (told["width"], told["height"]) == (100, 67)
    assert told["etag"] != hashlib.md5(picture("PNG", 300, 200), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("public_id", ["a?b", "100%", "a#b", "/a", "a/", "a//b", " a", "x" * 256])
def test_ids_with_forbidden_characters_are_refused(client: RawClient, public_id: str):
    client.upload()

    assert client.upload(public_id=public_id).status == 400
    assert client.call("image/rename", from_public_id="a", to_public_id=public_id).status == 400


@pytest.mark.parametrize(("dynamic", "folder"), [(True, "f"), (False, "")])
def test_where_an_upload_lies_depends_on_the_folder_mode(cloud: Cloud, client: RawClient, dynamic: bool, folder: str):
    cloud.plan.dynamic_folders = dynamic
    client.upload(asset_folder="f")

    assert [asset.folder for asset in cloud.assets.values()] == [folder]


def test_a_file_may_hold_anything():
    content = b"\r\n--not-the-boundary\r\n\r\n--\r\n"

    assert multipart(raw_client.multipart({"a": "1", "b": ""}, content), MULTIPART) == ({"a": "1", "b": ""}, content)


WHOLE = raw_client.multipart({"a": "1"}, b"content")


@pytest.mark.parametrize("body", [*(WHOLE[:cut] for cut in (0, 10, 60, -6, -30)), WHOLE.replace(b"; name", b"; other")])
def test_a_body_that_is_not_whole_is_refused(body: bytes):
    with pytest.raises(Refused):
        multipart(body, MULTIPART)
    with pytest.raises(Refused):
        multipart(WHOLE, "application/json")
