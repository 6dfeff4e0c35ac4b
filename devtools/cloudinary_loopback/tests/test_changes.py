"""Rename, destroy and explicit."""

from __future__ import annotations

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import JPEG, PNG, RawClient


def rename(client: RawClient, source: str = "a", target: str = "b", **sent: str):
    return client.call("image/rename", from_public_id=source, to_public_id=target, **sent)


def test_destroy_deletes(cloud: Cloud, client: RawClient):
    client.upload()

    assert client.call("image/destroy", public_id="a").json == {"result": "ok"}
    assert cloud.ids() == []
    assert client.call("image/explicit", public_id="a").status == 404


def test_destroy_says_when_there_was_nothing(client: RawClient):
    answer = client.call("image/destroy", public_id="a")

    assert (answer.status, answer.json) == (200, {"result": "not found"})


def test_destroy_of_another_type_deletes_nothing_and_is_no_error(cloud: Cloud, client: RawClient):
    client.upload(type="authenticated")

    assert client.call("image/destroy", public_id="a").json == {"result": "not found"}
    assert cloud.ids() == ["a"]
    assert client.call("image/destroy", public_id="a", type="authenticated").json == {"result": "ok"}


def test_rename_moves(cloud: Cloud, client: RawClient):
    before = client.upload(asset_folder="f").json
    after = rename(client).json

    assert after == before | {"public_id": "b"}
    assert cloud.ids() == ["b"]
    assert cloud.assets["upload", "b"].folder == "f"


def test_rename_leaves_nothing_behind(cloud: Cloud, client: RawClient):
    client.upload()
    rename(client)

    assert len(cloud.assets) == 1
    assert client.call("image/explicit", public_id="a").status == 404
    assert client.image("image/upload/v1/a.png").status == 404


def test_rename_keeps_the_version_or_not(cloud: Cloud, client: RawClient):
    before = client.upload().json
    assert rename(client).json["version"] == before["version"]
    cloud.plan.rename_changes_version = True
    assert rename(client, "b", "c").json["version"] > before["version"]


def test_rename_of_nothing_is_404(client: RawClient):
    answer = rename(client)

    assert (answer.status, answer.error) == (404, "Resource not found - a")


def test_rename_onto_another_is_400_and_changes_neither(cloud: Cloud, client: RawClient):
    one, other = client.upload(PNG).json, client.upload(JPEG, public_id="b").json
    answer = rename(client)

    assert answer.status == 400
    assert {asset.public_id: asset.asset_id for asset in cloud.assets.values()} == {
        "a": one["asset_id"],
        "b": other["asset_id"],
    }


def test_rename_may_overwrite(cloud: Cloud, client: RawClient):
    one = client.upload(PNG).json
    client.upload(JPEG, public_id="b")

    assert rename(client, overwrite="1").json["asset_id"] == one["asset_id"]
    assert cloud.ids() == ["b"]


def test_rename_may_change_the_type(client: RawClient):
    client.upload(type="authenticated")

    assert rename(client).status == 404
    told = rename(client, type="authenticated", to_type="upload").json
    assert (told["type"], told["public_id"]) == ("upload", "b")
    assert rename(client, "b", "c", to_type="raw").status == 400


def test_explicit_looks_and_costs_nothing(cloud: Cloud, client: RawClient):
    before = client.upload().json

    assert client.call("image/explicit", public_id="a", type="upload").json == before
    assert cloud.admin_calls == {}
    absent = client.call("image/explicit", public_id="b", type="upload")
    assert (absent.status, absent.error) == (404, "Resource not found - b")
