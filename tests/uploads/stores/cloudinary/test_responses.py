from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from uploads.core.errors import Code
from uploads.stores.cloudinary.responses import (
    OPERATOR_WAIT_MS,
    SPENT_WAIT_MS,
    CallFailed,
    calls_left,
    failure,
    may_have_happened,
    moment,
    positive,
    receipt_of,
    rows_of,
    table_of,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOLD = {"asset_id": "a1", "public_id": "x", "type": "upload", "version": 7, "bytes": 5, "secure_url": "https://..."}


def failed(status: int | None, said: str = "no", verb: str = "put", **headers: str) -> CallFailed:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return failure(verb, status, said, named, NOW, secret="topsecret")


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (400, "Invalid image file", Code.IMAGE_UNREADABLE),
        (400, "Image file format bmp not allowed", Code.IMAGE_UNREADABLE),
        (400, "File size too large. Got 30. Maximum is 10.", Code.TOO_LARGE),
        (400, "Maximum image size is 25 Megapixels. Requested 26.", Code.TOO_MANY_PIXELS),
        (413, "Request Entity Too Large", Code.TOO_LARGE),
        # Our fault or nobody's: the image is kept.
        (400, "Stale request - reported time is 1 which is more than 1 hour ago", None),
        (400, "Missing required parameter - file", None),
        (401, "Invalid image", None),
        (404, "Resource not found - x", None),
        (409, "exists", None),
        (420, "Rate Limit Exceeded", None),
        (429, "slow down", None),
        (500, "Invalid image file", None),
        (502, "an answer that cannot be read", None),
        (None, "TimeoutError: the call took too long", None),
    ],
)
def test_an_image_is_refused_for_good_only_where_the_answer_is_about_it(status: int | None, said: str, code: Code):
    found = failed(status, said)
    assert (found.status, found.refused) == (status, code)


def test_only_a_put_can_be_an_images_fault():
    assert failed(400, "Invalid image file", verb="promote").refused is None


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_tells_the_operator_and_waits(status: int):
    found = failed(status)
    assert (found.operator, found.wait_ms) == (True, OPERATOR_WAIT_MS)


@pytest.mark.parametrize(
    ("status", "headers", "wait_ms"),
    [
        (420, {"x_featureratelimit_reset": "Sun, 22 Nov 2026 10:00:00 GMT"}, 1_800_000),
        (420, {"x_featureratelimit_reset": "Sun, 22 Nov 2026 09:00:00 GMT"}, 0),
        (420, {"x_featureratelimit_reset": "soon"}, SPENT_WAIT_MS),
        (420, {"retry_after": "7"}, 7_000),
        (420, {}, SPENT_WAIT_MS),
        (429, {"retry_after": "7"}, 7_000),
        (429, {"retry_after": "Sun, 22 Nov 2026 09:30:05 GMT"}, 5_000),
        (429, {}, None),
        (503, {"retry_after": "7"}, 7_000),
        (503, {"retry_after": "-1"}, None),
        # More digits than Python parses as a number.
        (503, {"retry_after": "9" * 5000}, None),
        (500, {"retry_after": "7"}, None),
        (None, {}, None),
    ],
)
def test_a_store_that_asks_for_patience_is_heard(status: int | None, headers: dict[str, str], wait_ms: int | None):
    assert failed(status, **headers).wait_ms == wait_ms


@pytest.mark.parametrize(("told", "left"), [("17", 17), ("0", 0), ("-1", None), ("many", None), ("", None)])
def test_the_calls_that_are_left_are_a_number_or_unknown(told: str, left: int | None):
    assert calls_left({"x-featureratelimit-remaining": told}) == left


@pytest.mark.parametrize(
    "said",
    [
        "Invalid Signature 0123456789abcdef. String to sign - 'public_id=topsecret'.",
        "ProtocolError: topsecret",
    ],
)
def test_no_text_gives_away_a_secret_or_a_whole_request(said: str):
    text = str(failed(400, said, x_request_id="r-1"))
    assert "topsecret" not in text
    assert "public_id=" not in text
    assert "r-1" in text


def test_a_text_is_short():
    assert len(str(failed(500, "x" * 5000))) < 200


@pytest.mark.parametrize(
    ("status", "look"),
    [(400, True), (404, True), (409, True), (500, True), (502, True), (None, True)]
    + [(status, False) for status in (401, 403, 420, 423, 429)],
)
def test_where_a_rename_may_have_happened_somebody_looks(status: int | None, look: bool):
    assert may_have_happened(failed(status, verb="promote")) is look


@pytest.mark.parametrize(
    ("status", "answered"),
    [(400, True), (404, True), (409, True), (413, True)]
    + [(status, False) for status in (401, 403, 420, 423, 429, 500, 503, None)],
)
def test_a_clear_no_to_one_object_is_no_outage(status: int | None, answered: bool):
    assert failed(status, verb="promote").answered is answered


# --- Receipts


def test_a_receipt_keeps_what_an_address_and_a_comparison_need():
    assert receipt_of("put", TOLD, "x", "upload") == {
        "asset_id": "a1",
        "public_id": "x",
        "type": "upload",
        "version": 7,
        "bytes": 5,
    }


@pytest.mark.parametrize(
    "told",
    [
        {},
        {**TOLD, "asset_id": ""},
        {**TOLD, "public_id": "y"},
        {**TOLD, "type": "authenticated"},
        {"done": False, "public_id": "x"},
        {"status": "pending", "batch_id": "b"},
    ],
)
def test_an_answer_that_tells_of_no_object_is_a_failure(told: dict[str, Any]):
    with pytest.raises(CallFailed):
        receipt_of("put", told, "x", "upload")


def test_another_object_under_our_name_is_a_failure():
    assert receipt_of("promote", TOLD, "x", "upload", "a1")
    with pytest.raises(CallFailed, match="another object"):
        receipt_of("promote", TOLD, "x", "upload", "a2")


@pytest.mark.parametrize(("limit", "found"), [(5, 5), (0, None), (-1, None), ("5", None), (None, None), (True, None)])
def test_a_limit_is_a_positive_number(limit: object, found: int | None):
    assert positive(limit) == found


# --- Responses in an undocumented format


@pytest.mark.parametrize("page", [{}, {"resources": None}, {"resources": "none"}, {"resources": ["x"]}])
def test_a_page_that_lists_no_objects_is_a_failure_and_no_empty_listing(page: dict[str, Any]):
    with pytest.raises(CallFailed):
        rows_of(page)
    assert rows_of({"resources": [TOLD]}) == [TOLD]
    assert rows_of({"resources": []}) == []


@pytest.mark.parametrize(
    ("told", "found"), [({}, {}), ({"a": None}, {}), ({"a": [1]}, {}), ({"a": "b"}, {}), ({"a": {"b": 1}}, {"b": 1})]
)
def test_what_is_no_table_is_an_empty_one(told: dict[str, Any], found: dict[str, int]):
    assert table_of(told, "a") == found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("2026-11-22T09:30:00Z", NOW),
        ("2026-11-22T10:30:00+01:00", NOW),
        ("2026-11-22T09:30:00", NOW),
        ("yesterday", None),
        (None, None),
        (7, None),
    ],
)
def test_a_time_is_read_or_unknown(told: object, found: datetime | None):
    assert moment(told) == found
