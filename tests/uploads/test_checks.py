from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

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
