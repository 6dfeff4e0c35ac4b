"""What a project gets that installs the wheel: the built files as committed, and nothing to configure."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "uploads" / "static" / "uploads"
NAMES = ("manage_files.css", "manage_files.js", "storage_cleanup.js")
FIND = """
import django
from django.conf import settings
from django.contrib.staticfiles import finders

apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.staticfiles", "uploads"]
settings.configure(INSTALLED_APPS=apps)
django.setup()
print(*(finders.find(f"uploads/{name}") for name in %r), sep="\\n")
"""


def installed_wheel(repository: Path, folder: Path) -> Path:
    """Build the wheel of `repository` and return a folder where it is installed."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site-packages")
    return folder / "site-packages"


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


def front_end(site_packages: Path) -> list[str]:
    static = sorted(path for path in site_packages.rglob("*") if path.suffix in (".js", ".css", ".map", ".mjs"))
    return [path.relative_to(site_packages / "uploads/static/uploads").as_posix() for path in static]


def test_the_wheel_contains_the_built_files_with_their_maps_and_no_sources(site_packages: Path):
    assert front_end(site_packages) == [file for name in NAMES for file in (name, f"{name}.map")]


@pytest.mark.parametrize("name", NAMES)
def test_a_map_leads_to_the_sources_and_leaves_the_built_file_as_it_is(site_packages: Path, name: str):
    folder = site_packages / "uploads" / "static" / "uploads"
    sources = json.loads((folder / f"{name}.map").read_text())["sources"]

    # Django's manifest storage looks for source maps named in a file, and fails if one is missing.
    assert b"sourceMappingURL" not in (folder / name).read_bytes()
    assert sources
    assert all((BUILT / source).resolve().is_relative_to(ROOT / "static" / "manage_files") for source in sources)


def test_a_wheel_can_be_built_without_node(tmp_path: Path):
    repository = tmp_path / "repository"
    for folder in ("consumers", "uploads"):
        shutil.copytree(ROOT / folder, repository / folder, ignore=shutil.ignore_patterns("__pycache__", "*.map"))
    for file in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, repository)

    assert front_end(installed_wheel(repository, tmp_path)) == list(NAMES)


def test_a_project_with_the_app_serves_the_committed_bytes(site_packages: Path):
    finished = subprocess.run(
        [sys.executable, "-c", FIND % (NAMES,)],
        cwd=site_packages,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [Path(line) for line in finished.stdout.splitlines()]

    assert all(path.is_relative_to(site_packages) for path in found)
    assert [path.read_bytes() for path in found] == [(BUILT / name).read_bytes() for name in NAMES]
