from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from tests.support.images.pictures import picture
from tests.support.stores.contract import (
    FOLDER,
    PERMANENT,
    ListsContract,
    OpensContract,
    PromotesContract,
    StoreContract,
    content_of,
    new_key,
    put,
)
from uploads.stores.base import Store, StoreError
from uploads.stores.django_storage import DjangoStorageStore


class Stubborn(FileSystemStorage):
    """A disk that is full, or that renames what it saves, for as long as a test says so."""

    full = renaming = False

    def _save(self, name: str, content: Any) -> str:
        if self.full:
            raise OSError(28, "No space left on device")
        return super()._save(  # type: ignore[misc]  # missing from the stubs
            f"{name}.renamed" if self.renaming else name, content
        )

    def delete(self, name: str) -> None:
        if self.full:
            raise OSError(5, "Input/output error")
        super().delete(name)


def store_on(settings: Settings, backend: str, **options: object) -> DjangoStorageStore:
    settings.STORAGES = {**settings.STORAGES, "draft_uploads": {"BACKEND": backend, "OPTIONS": options}}
    return DjangoStorageStore("draft_uploads")


@pytest.fixture
def disk(settings: Settings, tmp_path: Path) -> DjangoStorageStore:
    return store_on(settings, f"{__name__}.Stubborn", location=tmp_path / "files", base_url="/")


class TestOnDisk(StoreContract, OpensContract, PromotesContract, ListsContract):
    @pytest.fixture
    def backend(self, disk: DjangoStorageStore) -> Store:
        return disk


class TestInMemory(StoreContract, OpensContract, PromotesContract, ListsContract):
    """A storage other than a disk: its folders are not those of a file system."""

    @pytest.fixture
    def backend(self, settings: Settings) -> Store:
        return store_on(settings, "django.core.files.storage.InMemoryStorage", base_url="/")


def test_a_put_that_was_cut_short_is_completed_by_the_next(disk: DjangoStorageStore):
    key = put(disk, new_key(), picture()[:1000])
    put(disk, key)
    assert content_of(disk, key) == picture()


def test_a_folder_goes_with_its_last_object(disk: DjangoStorageStore, tmp_path: Path):
    folder = tmp_path / "files" / FOLDER
    first, second = put(disk, new_key()), put(disk, new_key())
    disk.destroy(first)
    assert folder.is_dir()
    disk.destroy(second)
    assert not folder.exists()


def test_nothing_is_written_outside_the_storage(disk: DjangoStorageStore, tmp_path: Path):
    with pytest.raises(SuspiciousFileOperation):
        put(disk, "../outside.jpg")
    assert not (tmp_path / "outside.jpg").exists()


def test_a_disk_that_fails_is_a_store_error_that_tells_no_path(
    disk: DjangoStorageStore, monkeypatch: pytest.MonkeyPatch
):
    key = put(disk, new_key())
    monkeypatch.setattr(Stubborn, "full", True)
    with pytest.raises(StoreError) as put_refused:
        put(disk, new_key())
    with pytest.raises(StoreError) as destroy_refused:
        disk.destroy(key)
    assert (str(put_refused.value), str(destroy_refused.value)) == ("put: OSError", "destroy: OSError")
    assert disk.exists(key)


def test_a_storage_that_chooses_its_own_names_is_a_store_error_and_keeps_nothing(
    disk: DjangoStorageStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(Stubborn, "renaming", True)
    with pytest.raises(StoreError):
        put(disk, new_key())
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_a_repeated_promotion_that_fails_leaves_the_first_ones_object_whole(
    disk: DjangoStorageStore, monkeypatch: pytest.MonkeyPatch
):
    """A runner that lost its lease may repeat what another one finished; the product shows that object."""
    key, to = put(disk, new_key()), new_key(PERMANENT)
    disk.promote(key, to, {})
    monkeypatch.setattr(Stubborn, "full", True)

    disk.promote(key, to, {})

    assert content_of(disk, to) == picture()


def test_an_address_is_the_storages_own(disk: DjangoStorageStore):
    assert disk.url("media/product_files/7/x.jpg", {}) == "/media/product_files/7/x.jpg"
