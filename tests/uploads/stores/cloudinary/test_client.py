"""One call to Cloudinary: made once, with an end, as this very account, and its refusal understood."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.cloudinary_loopback.cloud import Cloud
from tests.support.images.pictures import photo
from tests.support.stores.contract import new_key, put
from uploads.stores.base import StoreError
from uploads.stores.cloudinary.names import public_id_of
from uploads.stores.cloudinary.store import CloudinaryStore

pytestmark = pytest.mark.django_db(transaction=True)

Make = Callable[..., CloudinaryStore]
Asked = Callable[[], list[str]]


def test_wrong_credentials_are_the_operators_trouble_and_are_not_told(
    make_store: Make, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url.replace(cloudinary_server.secret, "topsecret"))
    with pytest.raises(StoreError) as failed:
        put(make_store(), new_key())
    assert failed.value.operator
    assert failed.value.refused is None
    assert "topsecret" not in str(failed.value)


@pytest.mark.parametrize(
    ("kind", "retry_after", "least", "most"),
    [("429", 7, 7_000, 7_000), ("503", 9, 9_000, 9_000), ("420", None, 0, 3_600_000)],
)
def test_a_store_that_asks_for_patience_is_heard_whatever_the_sdk_hides(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, kind: str, retry_after: int | None, least: int, most: int
):
    cloudinary_server.fail("upload", kind, retry_after=retry_after)
    with pytest.raises(StoreError) as failed:
        put(cloudinary, new_key())
    assert failed.value.wait_ms is not None
    assert least <= failed.value.wait_ms <= most


@pytest.mark.parametrize("endpoint", ["usage", "config"])
@pytest.mark.parametrize("kind", ["429", "503", "500", "cut before"])
def test_a_counted_call_is_made_once_and_never_slept_over(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, endpoint: str, kind: str, asked: Asked
):
    """urllib3 would repeat it, and sleep as long as it is told."""
    cloudinary_server.fail(endpoint, kind, retry_after=3600)
    with pytest.raises(StoreError):
        cloudinary.account()
    assert asked().count(endpoint) == 1


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_every_call_has_an_end(make_store: Make, cloudinary_server: Cloud, kind: str):
    cloudinary = CloudinaryStore(timeout_seconds=0.3)
    cloudinary_server.fail("explicit", kind, seconds=60)
    before = time.monotonic()
    with pytest.raises(StoreError):
        cloudinary.exists(new_key())
    # Most of an answer are its headers: one that comes byte by byte is not waited for up to its body.
    assert time.monotonic() - before < 10
    cloudinary_server.heal()


def test_all_requests_of_a_put_together_have_an_end(
    make_store: Make, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch, asked: Asked
):
    """What is begun later than that may land when nobody looks for it any more."""
    monkeypatch.setattr("uploads.stores.cloudinary.store.PUT_SECONDS", 0)
    monkeypatch.setattr("uploads.stores.cloudinary.multipart.PAUSE_SECONDS", 0)
    with pytest.raises(StoreError, match="together"):
        put(make_store(single_request_bytes=1_000_000), new_key(), photo(7.5))
    with pytest.raises(StoreError, match="together"):
        put(make_store(), new_key())
    assert asked() == []


def test_a_request_ends_with_its_put_however_long_it_might_take(
    make_store: Make, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("uploads.stores.cloudinary.store.PUT_SECONDS", 0.5)
    cloudinary_server.fail("upload", "hang", seconds=30)
    before = time.monotonic()
    with pytest.raises(StoreError):
        put(make_store(), new_key())
    assert time.monotonic() - before < 4
    cloudinary_server.heal()


def test_no_more_calls_run_at_a_time_than_are_allowed(make_store: Make, cloudinary_server: Cloud):
    cloudinary = CloudinaryStore(timeout_seconds=0.3, concurrency=1)
    with cloudinary._client._slot("test"), pytest.raises(StoreError, match="too many calls"):
        cloudinary.exists(new_key())
    assert cloudinary_server.calls() == []
    assert not cloudinary.exists(new_key())


def test_the_setting_of_the_sdk_is_read_and_its_global_configuration_is_not(
    cloudinary_server: Cloud, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    import cloudinary

    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://wrong:wrong@wrong")
    settings.CLOUDINARY = {
        "cloud_name": cloudinary_server.name,
        "api_key": next(iter(cloudinary_server.keys)),
        "api_secret": cloudinary_server.secret,
        "upload_prefix": cloudinary_server.address,
    }
    for name, wrong in {
        "cloud_name": "wrong",
        "secure": False,
        "upload_preset": "wrong",
        "oauth_token": "wrong",
    }.items():
        monkeypatch.setattr(cloudinary.config(), name, wrong, raising=False)
    store = CloudinaryStore()
    key = put(store, new_key())
    assert cloudinary_server.ids() == [public_id_of(key)]
