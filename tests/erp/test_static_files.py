from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
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
    published(settings, tmp_path)
    return sources


def published(settings: Settings, tmp_path: Path) -> Path:
    """Where the site publishes from now on."""
    settings.STATIC_ROOT = str(tmp_path / "static")
    storage = {"BACKEND": "erp.static_files.HashedStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    return tmp_path / "static"


def test_modules_import_each_other_by_hashed_names(sources: Path, tmp_path: Path) -> None:
    static_files.publish()

    paths = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert paths["two.js"] != "two.js"
    assert paths["two.js"] in (tmp_path / "static" / paths["main.js"]).read_text()


def test_what_is_sent_has_no_comments(sources: Path, tmp_path: Path) -> None:
    (sources / "two.js").write_text("// Said to developers.\nexport const two = 2;\n")

    static_files.publish()

    assert [path.read_text() for path in (tmp_path / "static").glob("two.*.js")] == ["export const two=2;\n"]


def test_the_window_is_published_in_two_files_and_its_parts(settings: Settings, tmp_path: Path) -> None:
    root = published(settings, tmp_path)
    static_files.publish()

    paths = json.loads((root / "staticfiles.json").read_text())["paths"]
    index = (root / paths["manage_files/index.js"]).read_text()
    parts = re.findall(r'import\("\./(.+?)"\)', index)
    assert f'from "./{Path(paths["manage_files/core.js"]).name}"' in index
    assert parts
    assert all((root / "manage_files" / part).exists() for part in parts)
    assert "manage_files/presenter.js" not in paths
    assert (root / f"{paths['manage_files/core.js']}.gz").exists()


def test_a_page_that_is_open_finds_the_parts_of_its_own_version(sources: Path, tmp_path: Path) -> None:
    def version(number: int) -> Path:
        (sources / "two.js").write_text(f"export const two = {number};\n")
        static_files.publish()
        paths = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
        return tmp_path / "static" / paths["two.js"]

    first, second = version(1), version(2)
    assert first.exists()

    third = version(3)
    assert (first.exists(), second.exists(), third.exists()) == (False, True, True)


def test_publishes_only_what_changed(sources: Path) -> None:
    assert static_files.publish() is True
    assert static_files.publish() is False

    (sources / "two.js").write_text("export const two = 1 + 1;\n")

    assert static_files.publish() is True


def test_a_renamed_file_is_a_change(sources: Path) -> None:
    before = static_files.digest([sources])

    (sources / "two.js").rename(sources / "three.js")

    assert static_files.digest([sources]) != before


class AdvisedStorage(ManifestStaticFilesStorage):
    """What `docs/integration.md` tells other projects to use."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 50


def test_another_project_can_publish_the_window_as_it_is_told_to(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    storage = {"BACKEND": f"{__name__}.{AdvisedStorage.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    call_command("collectstatic", interactive=False, verbosity=0)

    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    part = paths["manage_files/manage_files_element.js"].removeprefix("manage_files/")
    assert f'"./{part}"' in (tmp_path / paths["manage_files/index.js"]).read_text()
