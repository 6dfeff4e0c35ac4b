"""nginx is only given files below a folder it may read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.http import Http404
from django.test import RequestFactory
from pytest_django import Settings

from tests.support.wire.draft_driver import Driver
from uploads.files.views import file_bytes
from uploads.files.x_accel import x_accel_location


def nginx(settings: Settings, tmp_path: Path) -> None:
    locations = {"/internal/spool/": str(tmp_path / "spool"), "/internal/files/": str(tmp_path / "files")}
    settings.UPLOADS = {**settings.UPLOADS, "X_ACCEL_REDIRECT": locations}


def location(path: Path, text: str = "x") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with path.open("rb") as file:
        return x_accel_location(file)


def test_a_file_below_a_folder_has_a_location(settings: Settings, tmp_path: Path):
    nginx(settings, tmp_path)
    assert location(tmp_path / "spool" / "a.1") == "/internal/spool/a.1"
    assert location(tmp_path / "files/media/mug 1%?#é.jpg") == "/internal/files/media/mug%201%25%3F%23%C3%A9.jpg"


def test_a_file_anywhere_else_has_none(settings: Settings, tmp_path: Path):
    nginx(settings, tmp_path)
    assert location(tmp_path / "secret_key") == ""
    assert location(tmp_path / "files-of-others" / "a.jpg") == ""
    assert location(tmp_path / "files" / ".." / "secret_key") == ""


def test_a_link_that_leads_out_has_none(settings: Settings, tmp_path: Path):
    nginx(settings, tmp_path)
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/mug.jpg").symlink_to(tmp_path / "secret_key")

    with (tmp_path / "files/mug.jpg").open("rb") as file:
        assert x_accel_location(file) == ""


def test_bytes_in_memory_or_in_a_cloud_have_none(settings: Settings, tmp_path: Path):
    nginx(settings, tmp_path)
    assert x_accel_location(io.BytesIO(b"x")) == ""


def test_without_the_setting_nothing_has_one(tmp_path: Path):
    assert location(tmp_path / "spool" / "a.1") == ""


@pytest.mark.parametrize("state", ["checking", "stored"])
def test_the_owner_of_a_draft_is_sent_there_and_nobody_else(
    settings: Settings, tmp_path: Path, driver: Driver, other_user: User, state: str
):
    nginx(settings, tmp_path)
    for user in (driver.user, other_user):
        user.user_permissions.set(Permission.objects.filter(codename__in=["add_product", "change_product"]))
    file_id = driver.upload() if state == "checking" else driver.store()
    request = RequestFactory().get("/")
    request.user = driver.user

    answer = file_bytes(request, file_id)

    folder = {"checking": "spool", "stored": "files"}[state]
    assert answer.headers["X-Accel-Redirect"].startswith(f"/internal/{folder}/")
    assert (answer.getvalue(), answer.headers["Content-Type"]) == (b"", "image/jpeg")
    for stranger in (other_user, AnonymousUser()):
        request.user = stranger
        with pytest.raises(Http404):
            file_bytes(request, file_id)
