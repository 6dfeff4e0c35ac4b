"""The Cloudinary store against a strict server on loopback: the contract of all stores, and its own features."""

from __future__ import annotations

import hashlib
import io
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.pictures import photo, picture
from tests.support.stores.contract import (
    FOLDER,
    PERMANENT,
    ListsContract,
    PromotesContract,
    ShowsContract,
    StoreContract,
    new_key,
    put,
    receive,
)
from uploads.core.errors import Code
from uploads.stores.base import Account, StoreError
from uploads.stores.cloudinary.names import public_id_of
from uploads.stores.cloudinary.store import CloudinaryStore

Make = Callable[..., CloudinaryStore]
Asked = Callable[[], list[str]]


class TestRenaming(StoreContract, PromotesContract, ListsContract, ShowsContract):
    @pytest.fixture
    def backend(self, cloudinary: CloudinaryStore) -> CloudinaryStore:
        return cloudinary


class TestLeavingObjectsWhereTheyAre(StoreContract, PromotesContract, ListsContract, ShowsContract):
    @pytest.fixture
    def backend(self, make_store: Make) -> CloudinaryStore:
        return make_store(PROMOTE_MODE="none")


class TestWithOpenTempObjects(StoreContract, PromotesContract, ShowsContract):
    @pytest.fixture
    def backend(self, make_store: Make) -> CloudinaryStore:
        return make_store(PRIVATE_TEMP=False)


class TestInPartsOfAnAccountWithFixedFolders(StoreContract, PromotesContract):
    @pytest.fixture
    def backend(self, make_store: Make, cloudinary_server: Cloud) -> CloudinaryStore:
        cloudinary_server.plan.dynamic_folders = False
        return make_store(single_request_bytes=1)


class TestOfAnAccountWithDynamicFolders(StoreContract, PromotesContract):
    @pytest.fixture
    def backend(self, cloudinary: CloudinaryStore) -> CloudinaryStore:
        cloudinary.use_account(partial(Account, dynamic_folders=True))
        return cloudinary


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a loopback address
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


# --- Put


def test_a_receipt_has_what_is_needed_later(cloudinary: CloudinaryStore):
    key = new_key()
    receipt = receive(cloudinary, key)
    assert receipt.keys() >= {"asset_id", "version", "format", "bytes", "etag", "request_id"}
    assert (receipt["public_id"], receipt["type"], receipt["resource_type"]) == (
        public_id_of(key),
        "authenticated",
        "image",
    )
    assert (receipt["bytes"], receipt["etag"]) == (len(picture()), hashlib.md5(picture()).hexdigest())  # noqa: S324


@pytest.mark.parametrize("kind", ["cut after", "done but 500", "truncated", "garbage", "half body"])
def test_a_put_whose_answer_was_lost_finds_its_object(cloudinary: CloudinaryStore, cloudinary_server: Cloud, kind: str):
    key = new_key()
    cloudinary_server.fail("upload", kind)
    with pytest.raises(StoreError) as failed:
        put(cloudinary, key)
    assert failed.value.refused is None
    (asset,) = cloudinary_server.assets.values()

    receipt = receive(cloudinary, key)

    assert receipt["asset_id"] == asset.asset_id
    assert len(cloudinary_server.assets) == 1


def test_other_bytes_under_the_id_are_replaced(cloudinary: CloudinaryStore):
    """No other store uses the id, so it is an earlier attempt that failed."""
    key = put(cloudinary, new_key(), picture(seed=2))
    assert receive(cloudinary, key)["etag"] == hashlib.md5(picture()).hexdigest()  # noqa: S324


@pytest.mark.parametrize("what", ["http://169.254.169.254/", "/etc/passwd", b"bytes", Path("/etc/passwd")])
def test_only_an_open_file_is_ever_sent(cloudinary: CloudinaryStore, cloudinary_server: Cloud, what: Any):
    with pytest.raises(TypeError):
        cloudinary.put(new_key(), what, "image/jpeg")
    assert cloudinary_server.calls() == []


@pytest.mark.parametrize(
    ("content", "limits", "code"),
    [
        (b"no image at all", {}, Code.IMAGE_UNREADABLE),
        (picture(), {"image_max_bytes": 100}, Code.TOO_LARGE),
        (picture(), {"body_max_bytes": 100}, Code.TOO_LARGE),
        (picture(), {"image_max_px": 5}, Code.TOO_MANY_PIXELS),
        (b"", {}, Code.EMPTY_FILE),
    ],
)
def test_what_the_account_will_never_take_is_refused_for_good(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, content: bytes, limits: dict[str, int], code: Code
):
    for name, value in limits.items():
        setattr(cloudinary_server.plan, name, value)
    with pytest.raises(StoreError) as refused:
        put(cloudinary, new_key(), content)
    assert refused.value.refused == code


def test_an_image_may_be_stored_smaller_than_it_came(make_store: Make, cloudinary_server: Cloud):
    put(make_store(max_side=4), new_key(), picture())
    (asset,) = cloudinary_server.assets.values()
    assert (asset.width, asset.height) == (4, 3)


# --- Put in parts


LARGE = 7.5
"""Megabytes: two parts."""


def test_a_large_image_goes_in_parts_and_arrives_whole(make_store: Make, cloudinary_server: Cloud, asked: Asked):
    content = photo(LARGE)
    receipt = receive(make_store(single_request_bytes=1_000_000), new_key(), content)
    assert asked() == ["upload", "upload"]
    assert receipt["etag"] == hashlib.md5(content).hexdigest()  # noqa: S324


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uploads.stores.cloudinary.multipart.PAUSE_SECONDS", 0)


@pytest.mark.usefixtures("no_pause")
def test_a_part_that_got_lost_is_sent_again_alone(make_store: Make, cloudinary_server: Cloud, asked: Asked):
    cloudinary_server.fail("upload", "500", after=1)
    receipt = receive(make_store(single_request_bytes=1_000_000), new_key(), photo(LARGE))
    assert asked() == ["upload"] * 3
    assert receipt["bytes"] == len(photo(LARGE))


@pytest.mark.usefixtures("no_pause")
def test_an_image_that_is_not_taken_in_parts_is_sent_whole(make_store: Make, cloudinary_server: Cloud, asked: Asked):
    cloudinary_server.fail("upload", "500", after=1, times=3)
    receipt = receive(make_store(single_request_bytes=1_000_000), new_key(), photo(LARGE))
    assert asked() == ["upload"] * 5
    assert receipt["bytes"] == len(photo(LARGE))


# --- Destroy


def test_a_temp_object_goes_although_temp_objects_are_put_otherwise_by_now(make_store: Make, cloudinary_server: Cloud):
    key = put(make_store(private_temp=False), new_key())
    make_store().destroy(key)
    assert cloudinary_server.ids() == []


def test_a_delete_is_one_call(cloudinary: CloudinaryStore, cloudinary_server: Cloud, asked: Asked):
    key = put(cloudinary, new_key())
    cloudinary.destroy(key)
    assert asked() == ["upload", "destroy"]


@pytest.mark.parametrize("kind", ["garbage", "truncated", "half body", "500", "cut before", "429"])
def test_a_delete_that_is_not_answered_is_no_success(cloudinary: CloudinaryStore, cloudinary_server: Cloud, kind: str):
    key = put(cloudinary, new_key())
    cloudinary_server.fail("destroy", kind)
    with pytest.raises(StoreError):
        cloudinary.destroy(key)
    cloudinary.destroy(key)
    assert cloudinary_server.ids() == []


# --- Promote


@pytest.mark.parametrize("kind", ["cut after", "done but 500", "truncated", "garbage", "half body"])
def test_a_promotion_whose_answer_was_lost_is_found_done(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, kind: str, asked: Asked
):
    key, to = new_key(), new_key(PERMANENT)
    receipt = receive(cloudinary, key)
    cloudinary_server.fail("rename", kind)

    promoted = cloudinary.promote(key, to, receipt)

    assert (promoted.key, promoted.left) == (to, True)
    assert promoted.receipt["asset_id"] == receipt["asset_id"]
    assert asked() == ["upload", "rename", "explicit"]


@pytest.mark.parametrize("kind", ["cut before", "500", "502", "429", "420", "423"])
def test_a_promotion_that_did_not_happen_fails_and_can_be_asked_for_again(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, kind: str
):
    key, to = new_key(), new_key(PERMANENT)
    receipt = receive(cloudinary, key)
    cloudinary_server.fail("rename", kind)
    with pytest.raises(StoreError):
        cloudinary.promote(key, to, receipt)
    assert cloudinary_server.ids() == [public_id_of(key)]

    cloudinary.promote(key, to, receipt)

    assert cloudinary_server.ids() == [public_id_of(to)]


def test_another_object_in_the_place_is_neither_overwritten_nor_taken_for_ours(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud
):
    key, to = new_key(), new_key(PERMANENT)
    receipt = receive(cloudinary, key)
    stranger = receive(cloudinary, to)
    with pytest.raises(StoreError, match="another object"):
        cloudinary.promote(key, to, receipt)
    held = {asset.public_id: asset.asset_id for asset in cloudinary_server.assets.values()}
    assert held == {public_id_of(key): receipt["asset_id"], public_id_of(to): stranger["asset_id"]}


def test_only_a_promotion_opens_an_object_to_everybody(cloudinary: CloudinaryStore):
    key, to = new_key(), new_key(PERMANENT)
    receipt = receive(cloudinary, key)
    assert status_of(cloudinary.temp_url(key, receipt)) == 200
    assert status_of(cloudinary.thumbnail_url(key, receipt, 8, 8)) == 200
    open_address = cloudinary.url(key, {**receipt, "type": "upload"})
    unsigned = cloudinary.temp_url(key, receipt).replace("/s--", "/x--")
    assert {status_of(open_address), status_of(unsigned)} <= {400, 401, 403, 404}

    promoted = cloudinary.promote(key, to, receipt)

    assert status_of(cloudinary.url(to, promoted.receipt)) == 200
    assert status_of(cloudinary.thumbnail_url(to, promoted.receipt, 8, 8)) == 200
    assert "s--" not in cloudinary.url(to, promoted.receipt)


def test_an_address_names_the_version_the_rename_told(make_store: Make, cloudinary_server: Cloud):
    cloudinary_server.plan.rename_changes_version = True
    cloudinary, key, to = make_store(), new_key(), new_key(PERMANENT)
    receipt = receive(cloudinary, key)
    promoted = cloudinary.promote(key, to, receipt)
    assert f"/v{promoted.receipt['version']}/" in cloudinary.url(to, promoted.receipt)


# --- URLs


def test_real_addresses_are_encrypted_and_never_the_sdks_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://key:secret@shop")
    receipt = {"version": 7, "format": "jpg", "type": "upload"}
    key = "media/product_files/7/erp-0f.jpg"
    cloudinary = CloudinaryStore()
    assert cloudinary.url(key, receipt) == (
        "https://res.cloudinary.com/shop/image/upload/v7/media/product_files/7/erp-0f.jpg"
    )
    assert cloudinary.thumbnail_url(key, receipt, 480, 320) == (
        "https://res.cloudinary.com/shop/image/upload/c_limit,f_auto,h_320,q_auto,w_480/v7/"
        "media/product_files/7/erp-0f.jpg"
    )
    signed = CloudinaryStore(sign_urls=True).url(key, receipt)
    assert signed.startswith("https://res.cloudinary.com/shop/image/upload/s--")


def test_an_own_host_of_delivery_is_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://key:secret@shop/images.example.com")
    address = CloudinaryStore().url("media/product_files/7/erp-0f.jpg", {"version": 7})
    assert address == "https://images.example.com/image/upload/v7/media/product_files/7/erp-0f.jpg"


def test_addresses_cost_no_call(cloudinary: CloudinaryStore, cloudinary_server: Cloud):
    key = new_key()
    receipt = receive(cloudinary, key)
    before = len(cloudinary_server.calls())
    for _ in range(3):
        cloudinary.url(key, receipt)
        cloudinary.temp_url(key, receipt)
        cloudinary.thumbnail_url(key, receipt, 8, 8)
    assert len(cloudinary_server.calls()) == before


# --- Listing and the account


def test_a_listing_goes_on_over_pages_and_tells_what_is_left_of_the_allowance(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("uploads.stores.cloudinary.store.PAGE", 2)
    keys = {put(cloudinary, new_key()) for _ in range(5)}
    listed = list(cloudinary.list(f"{FOLDER}/"))
    assert {found.key for found in listed} == keys
    assert {found.calls_left for found in listed} == {499, 498, 497}
    assert all(found.created_at is not None and found.created_at.tzinfo is not None for found in listed)
    assert all(found.receipt["asset_id"] and found.receipt["type"] == "authenticated" for found in listed)


@pytest.mark.parametrize("prefix", ["", "/", "media/temp_product_files"])
def test_a_prefix_that_would_name_neighbours_is_refused(cloudinary: CloudinaryStore, prefix: str):
    with pytest.raises(ValueError, match="slash"):
        list(cloudinary.list(prefix))


@pytest.mark.parametrize("dynamic", [True, False])
def test_the_account_tells_what_it_allows(cloudinary: CloudinaryStore, cloudinary_server: Cloud, dynamic: bool):
    cloudinary_server.plan.dynamic_folders = dynamic
    cloudinary_server.plan.image_max_bytes = 12_345
    told = cloudinary.account()
    assert (told.max_file_bytes, told.max_pixels, told.dynamic_folders) == (12_345, 25_000_000, dynamic)


def test_where_folders_are_labels_every_object_gets_the_same_one(cloudinary: CloudinaryStore, cloudinary_server: Cloud):
    """A rename does not change the label: one that said "temp" would stay on the product's image."""
    cloudinary.use_account(partial(Account, dynamic_folders=True))
    key = new_key()
    cloudinary.promote(key, new_key(PERMANENT), receive(cloudinary, key))
    (asset,) = cloudinary_server.assets.values()
    assert asset.folder == "media"


# --- Options


@pytest.mark.parametrize(
    "options",
    [
        {"promote_mode": "move"},
        {"folder": "x"},
        {"part_bytes": 5_000_000},
        {"PROMOTE_MODE": "none", "PRIVATE_TEMP": True},
        {"timeout_seconds": 0},
    ],
)
def test_an_option_that_cannot_be_is_told_when_the_store_is_made(make_store: Make, options: dict[str, Any]):
    with pytest.raises(ImproperlyConfigured):
        CloudinaryStore(**options)


def test_text_in_a_body_is_read_from_its_start(cloudinary: CloudinaryStore):
    content = io.BytesIO(picture())
    content.read()
    assert cloudinary.put(new_key(), content, "image/jpeg")["bytes"] == len(picture())


def test_copies_in_the_delivery_network_end_with_a_rename_and_a_delete(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud
):
    key, to = new_key(), new_key(PERMANENT)
    cloudinary.promote(key, to, receive(cloudinary, key))
    cloudinary.destroy(to)

    asked = [event.parameters["invalidate"] for event in cloudinary_server.calls("rename", "destroy")]
    assert asked == ["1", "1"]
