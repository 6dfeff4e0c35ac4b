"""What a project gets that installs the wheel: the built files as they are committed, and nothing to configure."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site-packages")
    return folder / "site-packages"


def test_the_wheel_contains_the_built_files_and_no_sources(site_packages: Path):
    static = sorted(path for path in site_packages.rglob("*") if path.suffix in (".js", ".css", ".map", ".mjs"))

    assert [path.relative_to(site_packages / "uploads/static/uploads").as_posix() for path in static] == list(NAMES)


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
