from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import CheckMessage, Info
from pytest_django import Settings

from tests.support.stores.contract import new_key, put
from tests.support.stores.unreliable_store import UnreliableStore
from uploads.stores.django_storage import DjangoStorageStore
from uploads.stores.registry import check, current_store


def test_the_store_named_in_the_settings_is_in_force(settings: Settings, unreliable_store: UnreliableStore):
    assert current_store() is unreliable_store
    plain = {"BACKEND": "uploads.stores.django_storage.DjangoStorageStore", "OPTIONS": {"alias": "draft_uploads"}}
    settings.UPLOADS = {**settings.UPLOADS, "STORE": plain}
    assert type(current_store()) is DjangoStorageStore


def test_the_options_choose_where_objects_lie(own_disk: Path):
    key = put(current_store(), new_key())
    assert (own_disk / "files" / key).is_file()


class ReportingStore(UnreliableStore):
    """A store on disk with system checks of its own."""

    @classmethod
    def check(cls, **options: object) -> list[CheckMessage]:
        return [Info(f"options {options}", id="elsewhere.I001")]


def test_a_store_reports_on_its_own_configuration(settings: Settings):
    assert check() == []
    reporting = {"BACKEND": f"{__name__}.ReportingStore", "OPTIONS": {"alias": "draft_uploads"}}
    settings.UPLOADS = {**settings.UPLOADS, "STORE": reporting}
    assert [(found.id, found.msg) for found in check()] == [("elsewhere.I001", "options {'alias': 'draft_uploads'}")]


def test_a_store_that_does_not_exist_is_an_error(settings: Settings):
    settings.UPLOADS = {**settings.UPLOADS, "STORE": {"BACKEND": "nowhere.Store"}}
    with pytest.raises(ImportError):
        current_store()
