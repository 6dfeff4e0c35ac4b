"""Lists of the Admin API."""

from __future__ import annotations

import pytest

from devtools.cloudinary_loopback.tests.raw_client import Answer, RawClient

IMAGES = "resources/image/upload"


def ids(answer: Answer) -> list[str]:
    return [item["public_id"] for item in answer.json["resources"]]


def test_newest_first(stocked: RawClient):
    assert ids(stocked.admin(IMAGES)) == ["other", "u10/a", "u1/b", "u1/a"]


def test_a_prefix_is_a_prefix_of_letters(stocked: RawClient):
    assert ids(stocked.admin(IMAGES, prefix="u1/")) == ["u1/b", "u1/a"]
    assert ids(stocked.admin(IMAGES, prefix="u1")) == ["u10/a", "u1/b", "u1/a"]


def test_of_one_type_only(stocked: RawClient):
    stocked.upload(public_id="mine", type="authenticated")

    assert ids(stocked.admin("resources/image/authenticated")) == ["mine"]


def test_pages_and_their_end(stocked: RawClient):
    first = stocked.admin(IMAGES, max_results=3)
    second = stocked.admin(IMAGES, max_results=3, next_cursor=first.json["next_cursor"])

    assert ids(first) + ids(second) == ["other", "u10/a", "u1/b", "u1/a"]
    assert "next_cursor" not in second.json
    assert stocked.admin(IMAGES, next_cursor="nonsense").status == 400


@pytest.mark.parametrize("size", [0, 501, "ten"])
def test_pages_have_a_largest_size(stocked: RawClient, size: object):
    assert stocked.admin(IMAGES, max_results=size).status == 400


def test_deleting_between_two_pages_skips(stocked: RawClient):
    first = stocked.admin(IMAGES, max_results=2)
    stocked.call("image/destroy", public_id="other")

    assert ids(stocked.admin(IMAGES, next_cursor=first.json["next_cursor"])) == ["u1/a"]
