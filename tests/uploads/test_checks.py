from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection
from pytest_django import Settings

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.servers.server import ROOT
from uploads.models import StoreAccount
from uploads.stores import account

CLOUDINARY = {"STORE": {"BACKEND": "uploads.stores.cloudinary.store.CloudinaryStore"}}
CLOUDINARY_WITH_TYPO = {"STORE": {**CLOUDINARY["STORE"], "OPTIONS": {"folder": "x"}}}
SAFE = {"GRACE_SECONDS": 300, "GRACE_SECONDS_LOST": 3600}


def found(settings: Settings, **changes: Any) -> list[str]:
    settings.UPLOADS = {**settings.UPLOADS, **SAFE, **changes}
    return [message.id for message in run_checks() if message.id and message.id.startswith("uploads.")]


def test_good_settings_are_silent(settings: Settings, db: None):
    assert found(settings) == []


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({"GRACE_SECONDS": 0}, ["uploads.E001"]),
        ({"TYPO": 1}, ["uploads.E001"]),
        ({"STORE": {"BACKEND": "nowhere.Store"}}, ["uploads.E002"]),
        ({"STORE": {"OPTIONS": {"bucket": "x"}}}, ["uploads.E002"]),
        ({"STORE": {"OPTIONS": {"alias": "nowhere"}}}, ["uploads.E002"]),
        (CLOUDINARY_WITH_TYPO, ["uploads.E002"]),
        ({"AUTHORISER": "nowhere.Access"}, ["uploads.E003"]),
        ({"PERMANENT_FOLDER": "media/{product}"}, ["uploads.E004"]),
        ({"AUTHORISER": ""}, ["uploads.E003"]),
        ({"GRACE_SECONDS": 29}, ["uploads.W001"]),
        ({"GRACE_SECONDS": 30}, []),
        ({"GRACE_SECONDS": 300, "GRACE_SECONDS_LOST": 299}, ["uploads.W002"]),
        ({"GRACE_SECONDS": 20, "GRACE_SECONDS_LOST": 10}, ["uploads.W001", "uploads.W002"]),
    ],
)
def test_a_wrong_or_unwise_setting_is_found_before_the_server_starts(
    settings: Settings, db: None, changes: dict[str, Any], ids: list[str]
):
    assert found(settings, **changes) == ids


def test_every_finding_says_what_to_do(settings: Settings, db: None):
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 20, "GRACE_SECONDS_LOST": 10}
    hints = [message.hint for message in run_checks() if message.id in {"uploads.W001", "uploads.W002"}]
    assert len(hints) == 2
    assert all(hints)


# --- The site


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("ALLOWED_HOSTS", ["*"], ["uploads.E006"]),
        ("ALLOWED_HOSTS", ["erp.example.com", "*"], ["uploads.E006"]),
        ("ALLOWED_HOSTS", [".example.com"], []),
        ("SECRET_KEY", "s3cret", ["uploads.E007"]),
        ("SECRET_KEY", "abcdefghij" * 4 + "123456789", ["uploads.E007"]),
        ("SECRET_KEY", "abcd" * 20, ["uploads.E007"]),
        ("SECRET_KEY", b"abcd" * 20, ["uploads.E007"]),
        ("SECRET_KEY", "django-insecure-" + "abcdefghij" * 6, ["uploads.E007"]),
        ("SECRET_KEY", "abcdefghij" * 5, []),
        ("SECRET_KEY_FALLBACKS", ["abcdefghij" * 5, "s3cret"], ["uploads.E007"]),
    ],
)
def test_what_lets_strangers_in_is_an_error_unless_somebody_develops(
    settings: Settings, db: None, name: str, value: Any, ids: list[str]
):
    setattr(settings, name, value)
    assert found(settings) == ids
    settings.DEBUG = True
    assert found(settings) == []


def test_every_host_is_an_error(settings: Settings, db: None):
    settings.ALLOWED_HOSTS = ["*"]
    assert found(settings) == ["uploads.E006"]


def test_a_short_key_is_an_error(settings: Settings, db: None):
    settings.SECRET_KEY = "abcdefghij" * 4
    assert found(settings) == ["uploads.E007"]


# --- Cloudinary


def findings(settings: Settings, *, deploy: bool = False, **options: Any) -> dict[str | None, CheckMessage]:
    """Return the findings about the store alone."""
    settings.UPLOADS = {**settings.UPLOADS, **SAFE, **CLOUDINARY, **options}
    return {message.id: message for message in run_checks(tags=["uploads"], include_deployment_checks=deploy)}


def test_the_source_of_the_credentials_is_named_and_they_are_not(
    settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://key:topsecret@shop")
    found = findings(settings)
    assert list(found) == ["uploads.I001"]
    assert "'shop'" in found["uploads.I001"].msg
    assert "CLOUDINARY_URL" in found["uploads.I001"].msg
    assert "topsecret" not in str(found)


UNUSABLE_URLS = [
    "",
    "https://key:secret@shop",
    "key:secret@shop",
    "cloudinary://key@shop",
    "cloudinary://k:s@shop?upload_prefix=http://10.0.0.1",
]


@pytest.mark.parametrize("url", UNUSABLE_URLS)
def test_credentials_that_cannot_be_used_are_an_error(
    settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch, url: str
):
    monkeypatch.setenv("CLOUDINARY_URL", url)
    found = findings(settings, deploy=True)
    assert list(found) == ["uploads.E005"]
    assert found["uploads.E005"].hint


def test_a_url_of_another_scheme_is_an_error_in_a_fresh_process_too(tmp_path: Path):
    """The SDK raises an error for it on import."""
    environment = {**os.environ, "CLOUDINARY_URL": "https://key:secret@shop", "ERP_VAR": str(tmp_path)}
    checked = subprocess.run(
        [sys.executable, "-m", "erp", "check"], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert "uploads.E005" in checked.stderr
    assert "Traceback" not in checked.stderr


def test_a_check_before_a_deployment_asks_the_account_what_it_allows(
    settings: Settings, transactional_db: None, monkeypatch: pytest.MonkeyPatch, cloudinary_server: Cloud
):
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url)
    assert list(findings(settings)) == ["uploads.I001"]
    assert cloudinary_server.calls() == []

    found = findings(settings, deploy=True)

    assert list(found) == ["uploads.I001", "uploads.I002"]
    assert account.effective_limits().max_pixels == 25_000_000


def test_a_database_that_is_not_migrated_yet_is_told(
    settings: Settings, transactional_db: None, monkeypatch: pytest.MonkeyPatch, cloudinary_server: Cloud
):
    """Checks are commonly run before the migrations."""
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url)
    with connection.schema_editor() as editor:
        editor.delete_model(StoreAccount)
    try:
        assert list(findings(settings, deploy=True)) == ["uploads.I001", "uploads.W004"]
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(StoreAccount)


def test_an_account_that_does_not_answer_is_told(
    settings: Settings, transactional_db: None, monkeypatch: pytest.MonkeyPatch, cloudinary_server: Cloud
):
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url.replace(cloudinary_server.secret, "wrong"))
    found = findings(settings, deploy=True)
    assert list(found) == ["uploads.I001", "uploads.W003"]
    assert "401" in found["uploads.W003"].msg
