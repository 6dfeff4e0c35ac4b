from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from erp import settings as erp_settings
from erp import static_files


@pytest.fixture
def source(settings: Settings, tmp_path: Path) -> Path:
    """A static file of a site that stores them like the ERP."""
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = {**settings.STORAGES, "staticfiles": erp_settings.STORAGES["staticfiles"]}
    source = tmp_path / "sources" / "page.js"
    source.parent.mkdir()
    source.write_text("// one\n" * 100)
    return source


def published(settings: Settings, name: str) -> Path:
    """Return the file that pages of the current version request."""
    root = Path(str(settings.STATIC_ROOT))
    return root / json.loads((root / "staticfiles.json").read_text())["paths"][name]


def test_files_are_published_under_hashed_names_and_compressed(source: Path, settings: Settings) -> None:
    static_files.publish()

    for file in (published(settings, "page.js"), published(settings, "uploads/manage_files.js")):
        assert len(file.name.split(".")) == 3
        assert all(file.with_name(f"{file.name}.{ending}").exists() for ending in ("br", "gz"))


def test_only_the_built_files_of_the_window_are_published(source: Path, settings: Settings) -> None:
    static_files.publish()

    paths = json.loads((Path(str(settings.STATIC_ROOT)) / "staticfiles.json").read_text())["paths"]
    built = {"uploads/manage_files.css", "uploads/manage_files.js", "uploads/storage_cleanup.js"}
    assert set(paths) == {"page.js"} | built


def test_a_page_of_the_version_before_finds_its_files(source: Path, settings: Settings) -> None:
    static_files.publish()
    before = published(settings, "page.js")
    source.write_text("// two\n")
    static_files.publish()

    assert before.exists()
    assert published(settings, "page.js") != before


def test_publishes_only_what_changed(source: Path) -> None:
    assert static_files.publish() is True
    assert static_files.publish() is False

    source.write_text("// two\n")

    assert static_files.publish() is True


def test_a_renamed_file_is_a_change(source: Path) -> None:
    before = static_files.digest()

    source.rename(source.with_name("other.js"))

    assert static_files.digest() != before
