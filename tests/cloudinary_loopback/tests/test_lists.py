"""Lists, details, search and bulk deletion of the Admin API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.tests.raw_client import RawClient

IMAGES = "resources/image/upload"


def ids(answer) -> list[str]:
    return [item["public_id"] for item in answer.json["resources"]]


def test_newest_first_or_the_other_way(stocked: RawClient):
    assert ids(stocked.admin("GET", IMAGES)) == ["other", "u10/a", "u1/b", "u1/a"]
    assert ids(stocked.admin("GET", IMAGES, direction="asc")) == ["u1/a", "u1/b", "u10/a", "other"]


def test_a_prefix_is_a_prefix_of_letters(stocked: RawClient):
    assert ids(stocked.admin("GET", IMAGES, prefix="u1/")) == ["u1/b", "u1/a"]
    assert ids(stocked.admin("GET", IMAGES, prefix="u1")) == ["u10/a", "u1/b", "u1/a"]
    assert stocked.admin("GET", "resources/image", prefix="u1").status == 400


def test_pages_and_their_end(stocked: RawClient):
    first = stocked.admin("GET", IMAGES, max_results=3)
    second = stocked.admin("GET", IMAGES, max_results=3, next_cursor=first.json["next_cursor"])

    assert ids(first) + ids(second) == ["other", "u10/a", "u1/b", "u1/a"]
    assert "next_cursor" not in second.json
    assert stocked.admin("GET", IMAGES, next_cursor="nonsense").status == 400


@pytest.mark.parametrize("size", [0, 501])
def test_pages_have_a_largest_size(stocked: RawClient, size: int):
    assert stocked.admin("GET", IMAGES, max_results=size).status == 400


@pytest.mark.parametrize(("kind", "second_page"), [("by position", ["u1/a"]), ("by item", ["u1/b", "u1/a"])])
def test_deleting_between_two_pages_skips_or_not(stocked: RawClient, kind, second_page: list[str]):
    stocked.cloud.plan.list_cursors = kind
    first = stocked.admin("GET", IMAGES, max_results=2)
    stocked.call("image/destroy", public_id="other")

    assert ids(stocked.admin("GET", IMAGES, next_cursor=first.json["next_cursor"])) == second_page


def test_a_list_sees_what_was_just_written(stocked: RawClient):
    stocked.upload(public_id="new")
    assert ids(stocked.admin("GET", IMAGES))[0] == "new"
    stocked.call("image/destroy", public_id="new")
    assert ids(stocked.admin("GET", IMAGES))[0] == "other"


def test_by_ids_tag_and_folder(stocked: RawClient):
    stocked.upload(public_id="filed", asset_folder="f", context="ticket=7")

    assert ids(stocked.admin("GET", IMAGES, public_ids=["other", "none"])) == ["other"]
    assert ids(stocked.admin("GET", "resources/image/tags/t")) == ["u10/a", "u1/b", "u1/a"]
    assert ids(stocked.admin("GET", "resources/by_asset_folder", asset_folder="f")) == ["filed"]
    assert ids(stocked.admin("GET", "resources/image/context", key="ticket", value="7")) == ["filed"]
    assert ids(stocked.admin("GET", "resources/image/context", key="ticket", value="8")) == []
    stocked.cloud.plan.dynamic_folders = False
    assert stocked.admin("GET", "resources/by_asset_folder", asset_folder="f").status == 400


def test_only_what_was_made_since(stocked: RawClient):
    stocked.cloud.clock.forward(7200)
    stocked.upload(public_id="new")
    since = datetime.fromtimestamp(stocked.cloud.clock.now() - 60, UTC)

    for written in (since.isoformat(), since.strftime("%Y-%m-%dT%H:%M:%S")):
        assert ids(stocked.admin("GET", IMAGES, start_at=written, direction="asc")) == ["new"]
    assert stocked.admin("GET", IMAGES, start_at="yesterday").status == 400


def test_fields_are_those_asked_for_and_the_ids(stocked: RawClient):
    listed = stocked.admin("GET", IMAGES, prefix="u10/", fields="bytes,tags").json["resources"]
    assert set(listed[0]) == {"asset_id", "public_id", "bytes", "tags"}
    stocked.cloud.plan.dynamic_folders = False
    stocked.upload(public_id="x/a")
    listed = stocked.admin("GET", IMAGES, prefix="x/", fields="bytes").json["resources"]
    assert set(listed[0]) == {"asset_id", "public_id", "bytes", "folder"}


def test_a_hundred_ids_are_the_most(stocked: RawClient):
    hundred = [f"i{number}" for number in range(100)]

    for method in ("GET", "DELETE"):
        assert stocked.admin(method, IMAGES, public_ids=hundred).status == 200
        assert stocked.admin(method, IMAGES, public_ids=[*hundred, "one more"]).status == 400


def test_one_asset_by_both_of_its_names(stocked: RawClient):
    told = stocked.admin("GET", f"{IMAGES}/u1/a").json

    assert (told["public_id"], told["tags"], told["derived"]) == ("u1/a", ["t"], [])
    assert stocked.admin("GET", f"resources/{told['asset_id']}").json == told
    assert "tags" not in stocked.admin("GET", f"{IMAGES}/other").json


def test_update_changes(stocked: RawClient):
    stocked.admin("POST", f"{IMAGES}/other", tags="x", asset_folder="f")

    assert stocked.admin("GET", f"{IMAGES}/other").json["asset_folder"] == "f"
    assert stocked.admin("POST", f"{IMAGES}/other", detection="illegal").error.startswith("Illegal value")


def test_bulk_deletion_by_ids_says_what_was_there(cloud: Cloud, stocked: RawClient):
    told = stocked.admin("DELETE", IMAGES, public_ids=["u1/a", "none"]).json

    assert told["deleted"] == {"u1/a": "deleted", "none": "not_found"}
    assert told["deleted_counts"]["u1/a"] == {"original": 1, "derived": 0}
    assert cloud.ids() == ["other", "u1/b", "u10/a"]


def test_bulk_deletion_by_prefix_leaves_the_neighbours(cloud: Cloud, stocked: RawClient):
    assert stocked.admin("DELETE", IMAGES, prefix="u1/").json["deleted"] == {"u1/a": "deleted", "u1/b": "deleted"}
    assert cloud.ids() == ["other", "u10/a"]
    stocked.admin("DELETE", IMAGES, prefix="u1")
    assert cloud.ids() == ["other"]


def test_bulk_deletion_of_nothing_named_is_refused(cloud: Cloud, stocked: RawClient):
    assert stocked.admin("DELETE", IMAGES).status == 400
    assert stocked.admin("DELETE", IMAGES, prefix="").status == 400
    assert len(cloud.assets) == 4
    stocked.admin("DELETE", IMAGES, all=True)
    assert cloud.assets == {}


def test_bulk_deletion_by_tag(cloud: Cloud, stocked: RawClient):
    stocked.admin("DELETE", "resources/image/tags/t")

    assert cloud.ids() == ["other"]


def test_bulk_deletion_comes_in_parts(cloud: Cloud, stocked: RawClient):
    assert cloud.plan.deletes_per_call == 1000
    cloud.plan.deletes_per_call = 3
    first = stocked.admin("DELETE", IMAGES, all=True).json
    second = stocked.admin("DELETE", IMAGES, all=True, next_cursor=first["next_cursor"]).json

    assert (len(first["deleted"]), first["partial"]) == (3, True)
    assert (len(second["deleted"]), second["partial"]) == (1, False)
    assert cloud.assets == {}


def test_originals_may_be_kept(cloud: Cloud, stocked: RawClient):
    stocked.upload(public_id="d", eager="c_fill,w_5,h_5")
    told = stocked.admin("DELETE", IMAGES, public_ids=["d"], keep_original=True).json

    assert told["deleted_counts"]["d"] == {"original": 0, "derived": 1}
    assert "d" in cloud.ids()


def test_keeping_originals_comes_to_an_end(stocked: RawClient):
    for public_id in ("d1", "d2"):
        stocked.upload(public_id=public_id, eager="c_fill,w_5,h_5")
    stocked.cloud.plan.deletes_per_call = 1
    told = [stocked.admin("DELETE", IMAGES, all=True, keep_original=True).json for _ in range(3)]

    assert [(len(page["deleted"]), page["partial"]) for page in told] == [(1, True), (1, False), (0, False)]


def test_deleting_derived_images_by_their_transformation_is_not_taken_for_more(stocked: RawClient):
    answer = stocked.admin("DELETE", IMAGES, public_ids=["u1/a"], transformations="c_fill,w_5,h_5")

    assert answer.status == 400
    assert "u1/a" in stocked.cloud.ids()


def test_a_backup_leaves_a_ghost_that_can_be_restored(cloud: Cloud, stocked: RawClient):
    stocked.upload(public_id="kept", backup="1")
    stocked.call("image/destroy", public_id="kept")
    ghost = stocked.admin("GET", IMAGES, prefix="kept").json["resources"][0]

    assert (ghost["placeholder"], ghost["bytes"]) == (True, 0)
    assert stocked.call("image/destroy", public_id="kept").json == {"result": "not found"}
    assert stocked.image("image/upload/kept.png").status == 404
    assert stocked.admin("POST", f"{IMAGES}/restore", public_ids=["kept"]).json["kept"]["bytes"] > 0
    assert "kept" in cloud.ids()


def test_search_lags_behind(stocked: RawClient):
    assert stocked.admin("POST", "resources/search", expression="tags:t").json["total_count"] == 0
    stocked.cloud.clock.forward(3)
    found = stocked.admin("POST", "resources/search", expression="tags:t AND public_id:u1/*")
    assert ids(found) == ["u1/b", "u1/a"]


def test_search_is_silent_about_folders_and_loud_about_wildcards(stocked: RawClient):
    stocked.upload(public_id="f/a", folder="f")
    stocked.cloud.clock.forward(3)

    assert ids(stocked.admin("POST", "resources/search", expression="folder:f")) == []
    assert stocked.admin("POST", "resources/search", expression="public_id:*a").error == "Query Error (at position 0)"
