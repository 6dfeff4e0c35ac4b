from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from uploads.conf import UploadSettings, upload_settings

LEAST = {"SPOOL_DIR": "/srv/spool", "AUTHORISER": "shop.access.Access"}


def test_a_directory_and_an_authoriser_are_enough(settings: Settings):
    settings.UPLOADS = LEAST
    assert upload_settings() == UploadSettings(spool_dir="/srv/spool", authoriser="shop.access.Access")
    assert (upload_settings().grace_seconds, upload_settings().grace_seconds_lost) == (300, 3600)


def test_a_changed_setting_is_in_force_at_once(settings: Settings):
    settings.UPLOADS = {**LEAST, "GRACE_SECONDS": 5}
    assert upload_settings().grace_seconds == 5
    settings.UPLOADS = {**LEAST, "GRACE_SECONDS": 6}
    assert upload_settings().grace_seconds == 6


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SPOOL_DIR": 3}, "SPOOL_DIR"),
        ({"GRACE_SECONDS": 0}, "GRACE_SECONDS"),
        ({"GRACE_SECONDS_LOST": -1}, "GRACE_SECONDS_LOST"),
        ({"GRACE_SECONDS": "300"}, "GRACE_SECONDS"),
        ({"GRACE_SECONDS": 31_536_001}, "GRACE_SECONDS"),
        ({"PROMOTE_DELAY_SECONDS": -1}, "PROMOTE_DELAY_SECONDS"),
        ({"INSTANCE": "../x"}, "INSTANCE"),
        ({"INSTANCE": ""}, "INSTANCE"),
        ({"INSTANCE": "erp\n"}, "INSTANCE"),
        ({"STORAGE_LIMITS": {"min_free_percent": 91}}, "STORAGE_LIMITS.min_free_percent"),
        ({"STORAGE_LIMITS": {"max_spool_bytes": 0}}, "STORAGE_LIMITS.max_spool_bytes"),
        ({"GRACE": 300}, "GRACE"),
        ({"LIMITS": {"max_files": 0}}, "LIMITS.max_files"),
        ({"STORE": {"BACKEND": "x", "ALIAS": "y"}}, "STORE"),
        ({"ORIGINS": "https://a.example"}, "ORIGINS"),
        ({"X_ACCEL_REDIRECT": {"/internal": "/srv"}}, "X_ACCEL_REDIRECT"),
        ({"X_ACCEL_REDIRECT": {"internal/": "/srv"}}, "X_ACCEL_REDIRECT"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, wrong: dict[str, Any], named: str):
    settings.UPLOADS = {**LEAST, **wrong}
    with pytest.raises(ImproperlyConfigured, match=named):
        upload_settings()


@pytest.mark.parametrize("missing", sorted(LEAST))
def test_what_has_no_default_must_be_set(settings: Settings, missing: str):
    settings.UPLOADS = {key: value for key, value in LEAST.items() if key != missing}
    with pytest.raises(ImproperlyConfigured, match=missing):
        upload_settings()


def test_no_settings_at_all_is_said(settings: Settings):
    del settings.UPLOADS
    with pytest.raises(ImproperlyConfigured, match="UPLOADS is missing"):
        upload_settings()


def test_settings_cannot_be_changed_behind_our_back():
    with pytest.raises(AttributeError):
        upload_settings().grace_seconds = 1  # type: ignore[misc]
