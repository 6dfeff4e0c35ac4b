from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from erp import static_files


@pytest.fixture
def sources(settings: Settings, tmp_path: Path) -> Path:
    """A site with one module that imports another."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "main.js").write_text('import { two } from "./two.js";\n')
    (sources / "two.js").write_text("export const two = 2;\n")
    settings.STATICFILES_DIRS = [sources]
    settings.STATIC_ROOT = str(tmp_path / "static")
    storage = {"BACKEND": "erp.static_files.HashedStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    return sources


def test_modules_import_each_other_by_hashed_names(sources: Path, tmp_path: Path) -> None:
    static_files.publish()

    paths = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert paths["two.js"] != "two.js"
    assert paths["two.js"] in (tmp_path / "static" / paths["main.js"]).read_text()


def test_publishes_only_what_changed(sources: Path) -> None:
    assert static_files.publish() is True
    assert static_files.publish() is False

    (sources / "two.js").write_text("export const two = 1 + 1;\n")

    assert static_files.publish() is True


def test_a_renamed_file_is_a_change(sources: Path) -> None:
    before = static_files.digest([sources])

    (sources / "two.js").rename(sources / "three.js")

    assert static_files.digest([sources]) != before
