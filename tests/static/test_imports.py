"""Which folders of the front end may import which, read from the modules that esbuild bundles."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from tests.run.npm import NODE

ROOT = Path(__file__).resolve().parents[2]
SOURCES = PurePosixPath("static/manage_files")
ALLOWED: dict[str, set[str]] = {
    # Folders, and single modules of others. Higher ones import lower ones, never the reverse.
    "app": {"add", "arrange", "client", "form", "model", "recovery", "text", "transport", "upload", "view"},
    "add": {"model", "text", "upload/transfer.js", "view"},
    "arrange": {"model", "text", "view"},
    "form": {"client/wait_until.js", "model", "recovery/session_edits.js", "text", "transport", "view"},
    "view": {"model", "text", "transport", "upload/auto_retry.js"},
    "recovery": {"model", "text", "transport"},
    "client": {"model", "text", "transport", "upload"},
    "upload": {"model", "text", "transport"},
    "model": {"text", "transport/protocol.js"},
    "text": set(),
    "transport": set(),
}


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Return every import between modules: importer and imported, both below `SOURCES`."""
    metafile = tmp_path_factory.mktemp("build") / "meta.json"
    subprocess.run([NODE, "static/build.mjs", "--metafile", metafile], cwd=ROOT, check=True)
    return list(read(json.loads(metafile.read_text())))


def read(
    metafile: dict[str, dict[str, dict[str, list[dict[str, str]]]]],
) -> Iterator[tuple[PurePosixPath, PurePosixPath]]:
    for module, facts in metafile["inputs"].items():
        if module.endswith(".js"):
            for imported in facts["imports"]:
                yield PurePosixPath(module).relative_to(SOURCES), PurePosixPath(imported["path"]).relative_to(SOURCES)


def test_folders_import_only_what_they_may(imports: list[tuple[PurePosixPath, PurePosixPath]]):
    wrong = [
        f"{module} imports {imported}"
        for module, imported in imports
        # The entry points and the element are above all folders.
        if len(module.parts) > 1
        and module.parts[0] != imported.parts[0]
        and not {imported.parts[0], str(imported)} & ALLOWED[module.parts[0]]
    ]

    assert wrong == []


def test_nothing_is_allowed_that_nobody_needs(imports: list[tuple[PurePosixPath, PurePosixPath]]):
    used = {(module.parts[0], name) for module, imported in imports for name in (imported.parts[0], str(imported))}

    assert [(folder, name) for folder, names in ALLOWED.items() for name in names if (folder, name) not in used] == []


def test_every_folder_has_its_rules():
    folders = {path.name for path in (ROOT / SOURCES).iterdir() if path.is_dir()}

    assert folders - {"styles"} == set(ALLOWED)
