from __future__ import annotations

from typing import Any

import pytest

from uploads.stores.cloudinary.credentials import CredentialsError, find, is_configured

URL = {"CLOUDINARY_URL": "cloudinary://key:secret@cloud"}
THREE = {"CLOUDINARY_CLOUD_NAME": "other", "CLOUDINARY_API_KEY": "k", "CLOUDINARY_API_SECRET": "s"}
SETTING = {"cloud_name": "third", "api_key": "k", "api_secret": "s"}


@pytest.mark.parametrize(
    ("configured", "environ", "cloud", "source"),
    [
        (None, URL, "cloud", "CLOUDINARY_URL"),
        (None, THREE, "other", "CLOUDINARY_CLOUD_NAME, _API_KEY, _API_SECRET"),
        (None, URL | THREE, "cloud", "CLOUDINARY_URL"),
        (SETTING, URL | THREE, "third", "settings.CLOUDINARY"),
        ({}, URL, "cloud", "CLOUDINARY_URL"),
    ],
)
def test_the_first_source_that_says_anything_is_the_one(
    configured: dict[str, Any] | None, environ: dict[str, str], cloud: str, source: str
):
    found = find(configured, environ)
    assert (found.cloud_name, found.source) == (cloud, source)


@pytest.mark.parametrize(
    ("configured", "environ", "missing"),
    [
        (None, {}, "no credentials"),
        (None, {"CLOUDINARY_URL": "cloudinary://key@cloud"}, "CLOUDINARY_URL lacks api_secret"),
        (None, {"CLOUDINARY_URL": "cloudinary://cloud"}, "lacks api_key, api_secret"),
        (None, {"CLOUDINARY_URL": "https://key:secret@cloud"}, "lacks cloud_name, api_key, api_secret"),
        (None, {"CLOUDINARY_API_KEY": "k"}, "lacks cloud_name, api_secret"),
        ({"cloud_name": "c"}, URL, "settings.CLOUDINARY lacks api_key, api_secret"),
    ],
)
def test_half_of_the_credentials_is_an_error_and_is_never_completed_from_elsewhere(
    configured: dict[str, Any] | None, environ: dict[str, str], missing: str
):
    with pytest.raises(CredentialsError, match=missing):
        find(configured, environ)


def test_whoever_says_anything_is_heard():
    assert not is_configured(None, {})
    assert not is_configured({}, {"CLOUDINARY_UPLOAD_PREFIX": "https://api-eu.cloudinary.com"})
    assert is_configured(None, {"CLOUDINARY_API_KEY": "k"})
    assert is_configured(None, {"CLOUDINARY_URL": "nonsense"})


@pytest.mark.parametrize(
    ("query", "delivery"),
    [
        ("", "https://res.cloudinary.com"),
        ("?upload_prefix=https://api-eu.cloudinary.com/", "https://res.cloudinary.com"),
        ("?upload_prefix=http://127.0.0.1:8100", "http://127.0.0.1:8100"),
        ("?upload_prefix=http://localhost:8100", "http://localhost:8100"),
        ("?upload_prefix=http://[::1]:8100", "http://[::1]:8100"),
        ("/images.example.com", "https://images.example.com"),
    ],
)
def test_images_come_from_where_the_account_is(query: str, delivery: str):
    found = find(None, {"CLOUDINARY_URL": f"cloudinary://key:secret@cloud{query}"})
    assert found.delivery_origin == delivery
    assert not found.upload_prefix.endswith("/")


@pytest.mark.parametrize(
    "prefix", ["http://api.cloudinary.com", "http://10.0.0.1", "ftp://127.0.0.1", "http://127.0.0.1.example.com", "x"]
)
def test_nothing_is_sent_unencrypted_to_another_machine(prefix: str):
    with pytest.raises(CredentialsError, match="https"):
        find({**SETTING, "upload_prefix": prefix}, {})


def test_characters_that_mean_something_in_an_address_are_part_of_the_secret():
    assert find(None, {"CLOUDINARY_URL": "cloudinary://key:a%2Fb%40@cloud"}).api_secret == "a/b@"


def test_the_secret_is_not_shown():
    assert "topsecret" not in repr(find({**SETTING, "api_secret": "topsecret"}, {}))
