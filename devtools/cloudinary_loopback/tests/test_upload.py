"""Uploads in one request."""

from __future__ import annotations

import hashlib

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import JPEG, PNG, RawClient
from tests.support.images.pictures import picture


def test_the_reply_says_what_was_stored(cloud: Cloud, client: RawClient):
    answer = client.upload(PNG, public_id="a/b", filename="C:\\my photo.png")
    told = answer.json

    assert answer.status == 200
    assert len(told["asset_id"]) == 32
    assert told["etag"] == hashlib.md5(PNG, usedforsecurity=False).hexdigest()
    expected = {"public_id": "a/b", "bytes": len(PNG), "format": "png", "width": 24, "height": 16, "type": "upload"}
    assert expected.items() <= told.items()
    assert told["original_filename"] == "my photo"
    assert told["url"].endswith(f"/{cloud.name}/image/upload/v{told['version']}/a/b.png")
    assert abs(told["version"] - cloud.clock.now()) < 60


def test_the_reply_is_signed(client: RawClient):
    told = client.upload(public_id="a").json
    signed = f"public_id=a&version={told['version']}{client.secret}"

    assert told["signature"] == hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()


def test_every_answer_has_an_id_for_support(client: RawClient):
    answers = [
        client.upload(),
        client.call("image/destroy"),
        client.admin("config"),
        client.image("image/upload/x"),
    ]

    assert len({answer.headers.get("X-Request-Id") for answer in answers} - {None}) == len(answers)


def test_an_error_stands_in_body_and_header(client: RawClient):
    answer = client.call("image/destroy")

    assert answer.json == {"error": {"message": "Missing required parameter - public_id"}}
    assert answer.headers.get("X-Cld-Error") == answer.error


def test_a_file_must_be_there_and_not_be_empty(client: RawClient):
    assert client.multipart("image/upload", client.signed({})).error == "Missing required parameter - file"
    assert client.upload(b"", "raw").status == 400


def test_overwriting_keeps_the_asset_and_makes_a_new_version(client: RawClient):
    first, second = client.upload(PNG, public_id="a").json, client.upload(JPEG, public_id="a").json

    assert second["asset_id"] == first["asset_id"]
    assert second["version"] > first["version"]
    assert (second["overwritten"], second["format"]) == (True, "jpg")


def test_without_overwriting_the_second_upload_finds_the_first(cloud: Cloud, client: RawClient):
    first, second = (client.upload(content, public_id="a", overwrite="false").json for content in (PNG, JPEG))

    assert "existing" not in first
    assert second["existing"] is True
    assert [second[name] for name in ("asset_id", "version", "etag")] == [
        first[name] for name in ("asset_id", "version", "etag")
    ]
    assert cloud.ids() == ["a"]


def test_resource_types_and_types_are_different_places(cloud: Cloud, client: RawClient):
    client.upload(public_id="a")
    client.upload(public_id="a", type="private")
    client.upload(rt="raw", public_id="a")

    assert len(cloud.assets) == 3
    assert client.upload(type="fetch").status == 400


@pytest.mark.parametrize("content", [b"no image", JPEG[:300], PNG[:60]], ids=["text", "half a JPEG", "half a PNG"])
def test_a_broken_image_is_refused(cloud: Cloud, client: RawClient, content: bytes):
    answer = client.upload(content)

    assert (answer.status, answer.error) == (400, "Invalid image file")
    assert cloud.assets == {}


def test_only_allowed_formats_are_taken(cloud: Cloud, client: RawClient):
    assert client.upload(PNG, allowed_formats="jpg,png").status == 200
    cloud.reset()
    answer = client.upload(PNG, allowed_formats="jpg,gif")
    assert answer.status == 400
    assert cloud.assets == {}


def test_of_a_raw_file_the_extension_counts(client: RawClient):
    assert client.upload(b"x", "raw", "a.TXT", allowed_formats="txt").status == 200
    assert client.upload(b"x", "raw", "a.exe", allowed_formats="txt").status == 400


def test_an_incoming_transformation_rewrites_the_original(client: RawClient):
    told = client.upload(picture("PNG", 300, 200), transformation="c_limit,w_100,h_100").json

    assert (told["width"], told["height"]) == (100, 67)
    assert told["etag"] != hashlib.md5(picture("PNG", 300, 200), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("public_id", ["ünï/名", "with space", "dots.in.it"])
def test_ids_of_many_letters(client: RawClient, public_id: str):
    told = client.upload(public_id=public_id).json

    assert told["public_id"] == public_id
    assert client.call("image/explicit", public_id=public_id).json["asset_id"] == told["asset_id"]
    assert client.send("GET", told["url"].removeprefix(client.cloud.address)).status == 200


@pytest.mark.parametrize("public_id", ["a?b", "100%", "a#b", "/a"])
def test_ids_of_letters_that_are_not_allowed(client: RawClient, public_id: str):
    assert client.upload(public_id=public_id).status == 400


@pytest.mark.parametrize(("dynamic", "folder"), [(True, "f"), (False, "x")])
def test_where_an_upload_lies_depends_on_the_folder_mode(cloud: Cloud, client: RawClient, dynamic: bool, folder: str):
    cloud.plan.dynamic_folders = dynamic
    told = client.upload(public_id="x/a", asset_folder="f").json

    assert (told["public_id"], told["asset_folder" if dynamic else "folder"]) == ("x/a", folder)
    assert told.get("folder" if dynamic else "asset_folder") is None


def test_without_an_id_the_server_chooses_one(client: RawClient):
    first, second = (client.upload().json["public_id"] for _ in "12")

    assert len(first) == len(second) == 20
    assert first != second
