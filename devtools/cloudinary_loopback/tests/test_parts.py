"""Uploads in parts. The floor of a part is 10 bytes here instead of 5 MB."""

from __future__ import annotations

import pytest

from devtools.cloudinary_loopback.cloud import Plan
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient

TOTAL = len(PNG)
SPANS = ["0-19", "20-39", f"40-{TOTAL - 1}"]
PARTS = [PNG[:20], PNG[20:40], PNG[40:]]


def send(sender: RawClient, *numbers: int, total: int = TOTAL, **how: str):
    return [sender.part(PARTS[number], f"{SPANS[number]}/{total}", **how) for number in numbers]


def stored(sender: RawClient, public_id: str = "p") -> bytes:
    return sender.cloud.assets["upload", public_id].content


def test_the_account_has_a_floor_of_five_megabytes():
    assert Plan().part_floor_bytes == 5 * 1024 * 1024


def test_parts_make_one_asset(sender: RawClient):
    first, second, last = (answer.json for answer in send(sender, 0, 1, 2))

    assert (first["done"], first["bytes"], second["bytes"]) == (False, 20, 40)
    assert "asset_id" not in second
    assert (last.get("bytes"), last.get("width")) == (TOTAL, 24)
    assert stored(sender) == PNG


def test_an_intermediate_reply_contains_the_id(sender: RawClient):
    assert send(sender, 0)[0].json.get("public_id") == "p"


def test_the_last_reply_says_done(sender: RawClient):
    assert [answer.json.get("done") for answer in send(sender, 0, 1, 2)] == [False, False, True]
    assert sender.part(PNG, f"0-{TOTAL - 1}/{TOTAL}", "u2").json.get("done") is True


def test_a_small_part_is_refused(sender: RawClient):
    answer = sender.part(PNG[:10], f"0-9/{TOTAL}")

    assert (answer.status, answer.error) == (400, "All parts except EOF-chunk must be larger than 5mb")


def test_without_an_upload_id_a_part_is_refused(sender: RawClient):
    assert send(sender, 0, upload_id="")[0].error == "Missing required parameter - public_id"


@pytest.mark.parametrize("span", ["", "0-19", "19-0/100", f"0-{TOTAL}/{TOTAL}", "a-b/c", "0-18/100", "0-19/*"])
def test_an_invalid_range_or_one_of_another_length_is_refused(sender: RawClient, span: str):
    assert sender.part(PARTS[0], span).status == 400


def test_parts_must_agree_on_the_total(sender: RawClient):
    send(sender, 0)

    assert send(sender, 1, total=TOTAL + 1)[0].status == 400


def test_a_part_may_come_twice(sender: RawClient):
    assert [answer.json["bytes"] for answer in send(sender, 0, 0, 1)] == [20, 20, 40]
    assert send(sender, 2)[0].json["done"] is True
    assert stored(sender) == PNG


def test_a_gap_stays_open(sender: RawClient):
    assert send(sender, 0, 2)[-1].json["done"] is False
    assert sender.cloud.ids() == []


def test_a_last_part_that_comes_again_begins_anew(sender: RawClient):
    send(sender, 0, 1, 2)

    assert send(sender, 2)[-1].json["done"] is False


def test_two_uploads_do_not_mix(sender: RawClient):
    send(sender, 0, 1)
    send(sender, 0, 1, 2, upload_id="u2", public_id="two")

    assert sender.cloud.ids() == ["two"]
    assert stored(sender, "two") == PNG


def test_the_whole_may_be_no_larger_than_the_account_allows(sender: RawClient):
    sender.cloud.plan.image_max_bytes = TOTAL - 1

    assert send(sender, 0, 1, 2)[-1].error == f"File size too large. Got {TOTAL}. Maximum is {TOTAL - 1}."
