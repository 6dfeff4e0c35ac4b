"""Uploads in one request."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.tests.raw_client import JPEG, PNG, RawClient
from tests.support.images.pictures import picture


def test_the_reply_says_what_was_stored(cloud: Cloud, client: RawClient):
    answer = client.upload(PNG, public_id="a/b", tags="z,y", filename="C:\\my photo.png")
    told = answer.json

    assert answer.status == 200
    assert len(told["asset_id"]) == 32
    assert told["etag"] == hashlib.md5(PNG, usedforsecurity=False).hexdigest()
    expected = {"public_id": "a/b", "bytes": len(PNG), "format": "png", "width": 24, "height": 16, "type": "upload"}
    assert expected.items() <= told.items()
    assert (told["tags"], told["original_filename"], told["placeholder"]) == (["y", "z"], "my photo", False)
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
        client.admin("GET", "ping"),
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


def test_auto_decides_by_content(client: RawClient):
    contents = [PNG, b"\x00\x00\x00\x18ftypmp42....", b"some text"]

    assert [client.upload(content, "auto").json["resource_type"] for content in contents] == ["image", "video", "raw"]


@pytest.mark.parametrize("content", [b"no image", JPEG[:300], PNG[:60]], ids=["text", "half a JPEG", "half a PNG"])
def test_a_broken_image_is_refused(cloud: Cloud, client: RawClient, content: bytes):
    answer = client.upload(content)

    assert (answer.status, answer.error) == (400, "Invalid image file")
    assert cloud.assets == {}


def test_only_allowed_formats_are_taken(cloud: Cloud, client: RawClient):
    assert client.upload(PNG, allowed_formats="jpg,png").status == 200
    assert client.upload(PNG, allowed_formats="jpg", format="jpg").json["format"] == "jpg"
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


def test_a_data_uri_and_a_known_url_are_taken(cloud: Cloud, client: RawClient, tmp_path):
    (tmp_path / "far.png").write_bytes(PNG)
    cloud.remote_files["http://example.org/far.png"] = tmp_path / "far.png"
    data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

    def upload(file: str):
        sent = client.signed({})
        return client.form("image/upload", sent | {"file": file})

    assert upload(data).json["width"] == 24
    assert upload("http://example.org/far.png").json["original_filename"] == "far"
    assert upload("http://example.org/other.png").status == 400
    assert upload("data:image/png;base64,%%%").status == 400


def test_an_unknown_metadata_field_fails_the_whole_upload(cloud: Cloud, client: RawClient):
    assert client.upload(metadata="ticket=1").status == 400
    assert cloud.assets == {}
    client.admin("POST", "metadata_fields", external_id="ticket", label="Ticket", type="string")
    assert client.upload(metadata="ticket=1").json["metadata"] == {"ticket": "1"}


def test_async_answers_nothing_but_a_batch(cloud: Cloud, client: RawClient):
    told = client.multipart("image/upload", client.signed({"async": "true", "public_id": "a"}), PNG).json

    assert (told["status"], cloud.ids()) == ("pending", ["a"])
    assert set(told) == {"status", "batch_id"}


def test_a_delete_token_works_once_and_not_for_long(cloud: Cloud, client: RawClient):
    tokens = [client.upload(public_id=name, return_delete_token="1").json["delete_token"] for name in "ab"]

    assert client.form("delete_by_token", {"token": tokens[0]}).json == {"result": "ok"}
    assert client.form("delete_by_token", {"token": tokens[0]}).status == 400
    cloud.clock.forward(700)
    assert client.form("delete_by_token", {"token": tokens[1]}).status == 400
    assert cloud.ids() == ["b"]


@pytest.mark.parametrize("public_id", ["ünï/名", "with space", "dots.in.it"])
def test_ids_of_many_letters(client: RawClient, public_id: str):
    told = client.upload(public_id=public_id).json

    assert told["public_id"] == public_id
    assert client.admin("GET", f"resources/image/upload/{public_id}").json["asset_id"] == told["asset_id"]
    assert client.send("GET", told["url"].removeprefix(client.cloud.address)).status == 200


@pytest.mark.parametrize("public_id", ["a?b", "100%", "a#b", "/a"])
def test_ids_of_letters_that_are_not_allowed(client: RawClient, public_id: str):
    assert client.upload(public_id=public_id).status == 400


def test_a_moderator_of_flesh_or_of_an_add_on_nobody_paid_for(client: RawClient):
    assert client.upload(moderation="manual").json["moderation"] == [{"kind": "manual", "status": "pending"}]
    assert client.upload(moderation="webpurify").status == 420


def test_context_keeps_what_separates(client: RawClient):
    told = client.upload(context=r"alt=a\|b\=c|caption=x").json

    assert told["context"] == {"custom": {"alt": "a|b=c", "caption": "x"}}


@pytest.mark.parametrize(("dynamic", "asset_folder"), [(True, "f"), (False, None)])
def test_where_an_upload_lies_depends_on_the_folder_mode(cloud: Cloud, client: RawClient, dynamic, asset_folder):
    cloud.plan.dynamic_folders = dynamic
    by_folder, by_label = (
        client.upload(public_id="a", folder="f").json,
        client.upload(public_id="x/a", asset_folder="f").json,
    )

    assert (by_folder["public_id"], by_label["public_id"]) == ("f/a", "x/a")
    assert [told.get("asset_folder") for told in (by_folder, by_label)] == [asset_folder] * 2
    assert [told.get("folder") for told in (by_folder, by_label)] == [None, None] if dynamic else ["f", "x"]
