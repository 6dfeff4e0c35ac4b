"""Uploads in parts. The floor of a part is 10 bytes here instead of 5 MB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from devtools.cloudinary_loopback import chunks
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.plan import Plan
from devtools.cloudinary_loopback.refusals import Refused
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient

A, B, C = b"a" * 20, b"b" * 20, b"c" * 5


def stored(sender: RawClient, public_id: str = "p") -> bytes:
    return sender.cloud.require(("raw", "upload", public_id)).blob.read()


def upload_all(sender: RawClient, order: str = "012", total: str = "45"):
    parts = [(A, "0-19"), (B, "20-39"), (C, "40-44")]
    return [
        sender.part(content, f"{span}/{'45' if content == C else total}", public_id="p")
        for content, span in (parts[int(place)] for place in order)
    ]


def test_spans():
    assert chunks.span("bytes 0-9/10") == chunks.Span(0, 9, 10)
    assert [chunks.span(f"bytes 0-9/{total}").total for total in ("-1", "*")] == [None, None]
    assert (chunks.span("bytes 0-9/10").whole, chunks.span("bytes 5-9/10").final) == (True, True)


@pytest.mark.parametrize("header", ["", "bytes 0-9", "bytes 9-0/10", "bytes 0-10/10", "bytes a-b/c", "0-9/10"])
def test_spans_that_are_none(header: str):
    with pytest.raises(Refused):
        chunks.span(header)


def test_the_account_has_a_floor_of_five_megabytes():
    assert Plan().part_floor_bytes == 5 * 1024 * 1024


def test_parts_make_one_asset(sender: RawClient):
    first, second, last = (answer.json for answer in upload_all(sender))

    assert first | {"public_id": "p"} == first
    assert (first["done"], first["bytes"], second["bytes"]) == (False, 20, 40)
    assert "asset_id" not in second
    assert last.get("bytes") == 45
    assert stored(sender) == A + B + C


def test_an_intermediate_reply_tells_the_id_that_was_given(sender: RawClient):
    assert sender.part(A, "0-19/45", public_id="p").json.get("public_id") == "p"


def test_an_id_the_server_chose_is_told_at_the_end_or_before(sender: RawClient):
    assert "public_id" not in sender.part(A, "0-19/45").json
    sender.cloud.plan.intermediate_public_id = True
    told = [sender.part(A, "0-19/45", "u2").json["public_id"], sender.part(B, "20-39/45", "u2").json["public_id"]]
    assert told[0] == told[1]


def test_the_last_reply_says_done(sender: RawClient):
    assert [answer.json.get("done") for answer in upload_all(sender)] == [False, False, True]


def test_a_file_in_one_part_is_done_at_once(sender: RawClient):
    told = sender.part(C, "0-4/5", "").json

    assert (told["done"], told["bytes"]) == (True, 5)


@pytest.mark.parametrize("order", ["102", "201", "210"])
def test_any_order_will_do(sender: RawClient, order: str):
    answers = upload_all(sender, order)

    assert ["asset_id" in answer.json for answer in answers] == [False, False, True]
    assert stored(sender) == A + B + C


@pytest.mark.parametrize("total", ["-1", "*"])
def test_the_total_may_come_with_the_last_part(sender: RawClient, total: str):
    assert upload_all(sender, total=total)[-1].json["done"] is True
    assert stored(sender) == A + B + C


def test_parts_side_by_side(sender: RawClient):
    parts = [(bytes([65 + at]) * 20, f"{20 * at}-{20 * at + 19}/160") for at in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda part: sender.part(*part, public_id="p").json, parts))

    assert sum("asset_id" in told for told in answers) == 1
    assert stored(sender) == b"".join(content for content, _ in parts)


def test_a_small_part_is_refused_or_never_ends(sender: RawClient):
    refused = sender.part(C, "0-4/45", public_id="p")
    assert (refused.status, refused.error) == (400, "All parts except EOF-chunk must be larger than 5mb")
    sender.cloud.plan.small_part = "unfinished"
    assert sender.part(C, "0-4/25", public_id="p").json["done"] is False
    assert sender.part(A, "5-24/25", public_id="p").json["done"] is False
    assert sender.cloud.ids() == []


def test_without_an_upload_id_a_part_is_refused(sender: RawClient):
    assert sender.part(B, "20-39/45", "").error == "Missing required parameter - public_id"


def test_a_part_may_come_twice(sender: RawClient):
    assert sender.part(A, "0-19/45", public_id="p").json["bytes"] == 20
    assert sender.part(A, "0-19/45", public_id="p").json["bytes"] == 20
    assert upload_all(sender, "12")[-1].json["done"] is True
    assert stored(sender) == A + B + C


def test_a_gap_stays_open(sender: RawClient):
    assert upload_all(sender, "02")[-1].json["done"] is False
    assert sender.cloud.ids() == []


def test_parts_must_agree_on_the_total(sender: RawClient):
    sender.part(A, "0-19/45", public_id="p")

    assert sender.part(B, "20-39/46", public_id="p").status == 400


def test_parts_must_not_overlap_nor_be_of_another_length(sender: RawClient):
    sender.part(A, "0-19/45", public_id="p")

    assert sender.part(B, "10-29/45", public_id="p").status == 400
    assert sender.part(B, "20-44/45", public_id="p").status == 400


def test_a_part_that_failed_is_sent_again(sender: RawClient):
    sender.cloud.fail("upload", "500", after=1)
    assert [answer.status for answer in upload_all(sender, "01")] == [200, 500]
    assert upload_all(sender, "12")[-1].json["done"] is True
    assert stored(sender) == A + B + C


def test_an_abandoned_upload_is_forgotten(sender: RawClient):
    upload_all(sender, "01")
    sender.cloud.clock.forward(sender.cloud.plan.partial_upload_seconds + 1)

    assert upload_all(sender, "2")[-1].json["done"] is False


def test_a_last_part_that_comes_again_begins_anew(sender: RawClient):
    upload_all(sender)

    assert upload_all(sender, "2")[-1].json["done"] is False


def test_two_uploads_do_not_mix(sender: RawClient):
    sender.part(A, "0-19/40", "u1", public_id="one")
    sender.part(B, "0-19/40", "u2", public_id="two")
    sender.part(A, "20-39/40", "u2", public_id="two")

    assert sender.cloud.ids() == ["two"]
    assert stored(sender, "two") == B + A


def test_an_image_in_parts_is_looked_at_when_it_is_whole(sender: RawClient):
    half = len(PNG) // 2
    headers = {"X_Unique_Upload_Id": "u1"}
    for content, span in [(PNG[:half], f"0-{half - 1}"), (PNG[half:], f"{half}-{len(PNG) - 1}")]:
        sent = sender.signed({"public_id": "p"})
        answer = sender.multipart("image/upload", sent, content, Content_Range=f"bytes {span}/{len(PNG)}", **headers)

    assert (answer.json["width"], answer.json["done"]) == (24, True)


def numbered(sender: RawClient, number: int, total: int, content: bytes):
    headers = {"X_Unique_Upload_Id": "u1", "X_Upload_Part_Number": str(number), "X_Upload_Total_Parts": str(total)}
    return sender.multipart("raw/upload_chunked", sender.signed({"public_id": "p"}), content, **headers)


def test_the_whole_may_be_no_larger_than_the_account_allows(cloud: Cloud, sender: RawClient):
    cloud.plan.raw_max_bytes = 44

    assert upload_all(sender)[-1].error == "File size too large. Got 45. Maximum is 44."
    assert cloud.ids() == []
